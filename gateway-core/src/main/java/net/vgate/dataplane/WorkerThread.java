package net.vgate.dataplane;

import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import net.vgate.attachment.PacketDevice;
import net.vgate.linux.Poller;
import net.vgate.linux.UdpPort;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a {@link Worker}: waits until a descriptor is ready, turns until nothing is, and waits again. Idle, it
 * costs nothing.
 */
public final class WorkerThread implements Runnable {
    /** Less the number of a socket, its token; those of what packets are read from are its numbers in the plan. */
    private static final int SOCKET_TOKEN = -1;

    /** The longest wait, so that health can tell a worker that waits from one that hangs. */
    private static final long WAIT_NANOS = 500_000_000L;

    private final Worker worker;
    private final Poller poller;
    private final Heartbeat heartbeat;
    private final LongSupplier nanoClock;
    private final Set<PacketDevice> unwatched = new HashSet<>();
    private DataplanePlan watched = DataplanePlan.EMPTY;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    public WorkerThread(Worker worker, Poller poller, UdpPort port, Heartbeat heartbeat, LongSupplier nanoClock) {
        this.worker = worker;
        this.poller = poller;
        this.heartbeat = heartbeat;
        this.nanoClock = nanoClock;
        for (int local : port.locals()) {
            poller.add(port.descriptor(local), SOCKET_TOKEN - local);
        }
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                turn();
            }
        } catch (RuntimeException | Error broken) {
            failure = broken;
            throw broken;
        } finally {
            worker.leave();
        }
    }

    private void turn() {
        takeUpPlan();
        int ready = 0;
        long wait = worker.waitNanos(WAIT_NANOS);
        if (wait == 0) {
            ready = poller.await(0);
        } else {
            worker.idle();
            ready = poller.await(wait);
            if (takeUpPlan()) {
                ready = 0;
            }
        }
        for (int i = 0; i < ready; i++) {
            int token = poller.token(i);
            if (token >= 0) {
                worker.sourceReady(token);
            } else {
                worker.datagramsReady(SOCKET_TOKEN - token);
            }
        }
        heartbeat.beat(nanoClock.getAsLong());
        worker.turn();
        for (PacketDevice broken : worker.takeFailed()) {
            // Level-triggered: it would be reported again and again.
            if (unwatched.add(broken)) {
                poller.remove(descriptor(broken));
            }
        }
    }

    private boolean takeUpPlan() {
        if (!worker.adoptPlan()) {
            return false;
        }
        watch(worker.plan());
        // Not before: whoever waits for this closes the descriptors that are not watched any more.
        worker.confirmPlan();
        return true;
    }

    /** Descriptors are level-triggered: what is skipped here in favour of a new plan is reported again. */
    private void watch(DataplanePlan next) {
        for (int source = 0; source < watched.sourceCount(); source++) {
            PacketDevice device = watched.source(source);
            if (source >= next.sourceCount() || next.source(source) != device) {
                if (!unwatched.remove(device)) {
                    poller.remove(descriptor(device));
                }
            }
        }
        for (int source = 0; source < next.sourceCount(); source++) {
            PacketDevice device = next.source(source);
            if (source >= watched.sourceCount() || watched.source(source) != device) {
                poller.add(descriptor(device), source);
            }
        }
        watched = next;
    }

    private int descriptor(PacketDevice device) {
        return device.queue(worker.number()).descriptor();
    }

    /** Why the thread ended by itself, or null. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Takes notice of a new plan, or of a retirement, at once. Any thread. */
    public void wake() {
        poller.wake();
    }

    /** Lets the thread end. Any thread. */
    public void stop() {
        stopping = true;
        poller.wake();
    }
}
