package net.vgate.tunnel;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * What is between the ports of gateways in one process, in real time: datagrams get lost, doubled and late by a seed,
 * and those from behind a translator of addresses come from a port that changes when told to.
 */
final class MemoryWire {
    private static final class Datagram {
        final long at;
        final long order;
        final InetSocketAddress from;
        final byte[] bytes;

        Datagram(long at, long order, InetSocketAddress from, byte[] bytes) {
            this.at = at;
            this.order = order;
            this.from = from;
            this.bytes = bytes;
        }
    }

    private final Object lock = new Object();
    private final Map<InetSocketAddress, PriorityQueue<Datagram>> queues = new HashMap<>();
    private final Map<InetSocketAddress, InetSocketAddress> outsideOf = new HashMap<>();
    private final Map<InetSocketAddress, InetSocketAddress> insideOf = new HashMap<>();
    private final SplittableRandom random;
    private double loss;
    private double doubled;
    private long maxDelayNanos;
    private long order;

    MemoryWire(long seed) {
        random = new SplittableRandom(seed);
    }

    void behave(double lossShare, double doubledShare, int maxDelayMillis) {
        synchronized (lock) {
            loss = lossShare;
            doubled = doubledShare;
            maxDelayNanos = TimeUnit.MILLISECONDS.toNanos(maxDelayMillis);
        }
    }

    /** From now on the rest of the world sees {@code inside} as {@code outside}, and no more as what it was before. */
    void translate(InetSocketAddress inside, InetSocketAddress outside) {
        synchronized (lock) {
            InetSocketAddress before = outsideOf.put(inside, outside);
            if (before != null) {
                insideOf.remove(before);
            }
            insideOf.put(outside, inside);
        }
    }

    /** A gateway's two sockets. */
    DatagramPort port(InetSocketAddress listen, InetSocketAddress connect) {
        synchronized (lock) {
            queues.put(listen, newQueue());
            queues.put(connect, newQueue());
        }
        return new Port(Map.of(DatagramPort.LISTEN, listen, DatagramPort.CONNECT, connect));
    }

    private static PriorityQueue<Datagram> newQueue() {
        return new PriorityQueue<>((a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
    }

    private void carry(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
        synchronized (lock) {
            PriorityQueue<Datagram> queue = queues.get(insideOf.getOrDefault(to, to));
            int copies = random.nextDouble() < loss ? 0 : random.nextDouble() < doubled ? 2 : 1;
            if (queue == null || (outsideOf.containsKey(to) && !insideOf.containsKey(to))) {
                return;
            }
            for (int i = 0; i < copies; i++) {
                long delay = maxDelayNanos == 0 ? 0 : random.nextLong(maxDelayNanos);
                queue.add(new Datagram(System.nanoTime() + delay, order++, outsideOf.getOrDefault(from, from), bytes));
            }
        }
    }

    private @Nullable Datagram next(InetSocketAddress at) {
        synchronized (lock) {
            PriorityQueue<Datagram> queue = queues.get(at);
            Datagram first = queue == null ? null : queue.peek();
            return queue == null || first == null || first.at - System.nanoTime() > 0 ? null : queue.remove();
        }
    }

    /** Two sockets of one gateway. */
    private final class Port implements DatagramPort {
        private final Map<Integer, InetSocketAddress> sockets;

        Port(Map<Integer, InetSocketAddress> sockets) {
            this.sockets = sockets;
        }

        private InetSocketAddress socket(int local) {
            return Objects.requireNonNull(sockets.get(local));
        }

        @Override
        public boolean receiveBatch(PacketBatch batch, int local) {
            Datagram datagram;
            while (batch.remaining() > 0 && (datagram = next(socket(local))) != null) {
                int slot = batch.addCopy(datagram.bytes);
                batch.setLocal(slot, local);
                OuterAddress.write(batch.addresses(), batch.addressOffset(slot), datagram.from);
            }
            return batch.remaining() == 0;
        }

        @Override
        public int sendBatch(PacketBatch batch) {
            int sent = 0;
            for (int slot = 0; slot < batch.size(); slot++) {
                if (batch.isLive(slot)) {
                    InetSocketAddress to = OuterAddress.read(batch.addresses(), batch.addressOffset(slot));
                    carry(socket(batch.local(slot)), to, batch.copyOut(slot));
                    batch.drop(slot, DropReason.CONSUMED);
                    sent++;
                }
            }
            return sent;
        }

        @Override
        public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
            carry(socket(local), to, Arrays.copyOfRange(datagram, offset, offset + length));
        }
    }
}
