package net.vgate.handshake;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Datagrams between sockets in memory, lost, doubled and put out of order by a seed. One thread delivers. */
final class MemoryNetwork implements TestNetwork, AutoCloseable {
    private final Map<InetSocketAddress, Receiver> receivers = new ConcurrentHashMap<>();
    private final SplittableRandom random;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "memory-network");
        made.setDaemon(true);
        return made;
    });
    private volatile Filter filter = (from, to, datagram) -> true;
    private volatile double loss;
    private volatile double doubled;
    private volatile int jitterMillis;

    /** Decides whether a datagram passes. */
    @FunctionalInterface
    interface Filter {
        boolean passes(InetSocketAddress from, InetSocketAddress to, byte[] datagram);
    }

    MemoryNetwork(long seed) {
        this.random = new SplittableRandom(seed);
    }

    static InetSocketAddress address(int host, int port) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {10, (byte) (host >> 16), (byte) (host >> 8), (byte) host}),
                    port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    void bad(double lossShare, double doubledShare, int jitter) {
        loss = lossShare;
        doubled = doubledShare;
        jitterMillis = jitter;
    }

    void filter(Filter by) {
        filter = by;
    }

    @Override
    public void attach(InetSocketAddress address, Receiver receiver) {
        receivers.put(address, receiver);
    }

    @Override
    public void detach(InetSocketAddress address) {
        receivers.remove(address);
    }

    @Override
    public void send(InetSocketAddress from, InetSocketAddress to, byte[] bytes, int offset, int length) {
        byte[] datagram = Arrays.copyOfRange(bytes, offset, offset + length);
        if (!filter.passes(from, to, datagram)) {
            return;
        }
        inject(from, to, datagram);
    }

    /** Sends past the filter: an attacker's way. */
    void inject(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
        synchronized (random) {
            if (random.nextDouble() >= loss) {
                deliver(from, to, datagram);
            }
            if (random.nextDouble() < doubled) {
                deliver(from, to, datagram);
            }
        }
    }

    private void deliver(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
        long delay = jitterMillis == 0 ? 0 : random.nextLong(jitterMillis * 1_000L);
        try {
            var unused = thread.schedule(
                    () -> {
                        Receiver receiver = receivers.get(to);
                        if (receiver != null) {
                            receiver.receive(from, datagram);
                        }
                    },
                    delay,
                    TimeUnit.MICROSECONDS);
        } catch (RejectedExecutionException closed) {
            return;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
