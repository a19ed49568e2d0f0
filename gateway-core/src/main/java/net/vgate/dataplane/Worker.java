package net.vgate.dataplane;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.policy.PolicyGate;
import net.vgate.record.AssociationTable;
import net.vgate.record.NonDataRecords;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordProtector;
import net.vgate.tunnel.DatagramPort;

/**
 * The data path of one thread: its datagram port, the devices of its V-nets, and both directions, run to completion.
 * This class is one turn of it, which never waits; {@link WorkerThread} waits for work and turns.
 *
 * <p>Ready devices are served in turn, each for at most a quantum, so that no tenant waits for another's flood; V-nets
 * that share a VTEP port share its turn, too.
 *
 * <p><b>Threading.</b> All but the counters belongs to one thread.
 */
public final class Worker {
    /** Records of one call of the AEAD. */
    private static final int AEAD_BATCH = 128;

    /** Batches of datagrams that one turn may bring before the devices have theirs. */
    private static final int INBOUND_BATCHES = 4;

    /** Those of them that one socket may bring before the others have theirs. */
    private static final int BATCHES_OF_SOCKET = 2;

    /** Time between two packets of a device from which on they count as rare. */
    private static final long RARE_NANOS = 30_000;

    private final int number;
    private final DatagramPort port;
    private final OutboundPath outbound;
    private final InboundPath inbound;
    private final RelayPath relay;
    private final PathFit fit;
    private final PlanReference plans;
    private final LongSupplier nanoClock;
    private final Quiescence.Worker quiescence;
    private final ControlSink control;
    private final List<PacketDevice> failed = new ArrayList<>();
    private final DropCounters drops = new DropCounters();
    private final TrafficCounters traffic = new TrafficCounters();
    private final CongestionMarks marks = new CongestionMarks();
    private final FragmentCounters fragments = new FragmentCounters();

    private DataplanePlan plan = DataplanePlan.EMPTY;
    private volatile long adoptedGeneration;
    private volatile boolean running = true;
    private final int[] locals;

    /** By a socket's number. */
    private final boolean[] datagramsReady;

    /** Which of {@link #locals} had the last turn. */
    private int lastLocal;

    private long[] lastReadNanos = {};
    private ReadyQueue ready = new ReadyQueue(0);

    /**
     * @param number of the worker, from 0
     * @param nonData gets authentic records that are no data
     * @param control gets datagrams of handshakes, and control messages
     * @param quiescence this worker's part
     * @param merges whether received packets are merged into super-packets for the devices
     */
    public Worker(
            int number,
            DatagramPort port,
            AssociationTable associations,
            NonDataRecords nonData,
            ControlSink control,
            PlanReference plans,
            LongSupplier nanoClock,
            Quiescence.Worker quiescence,
            boolean merges) {
        this(number, port, associations, nonData, control, plans, nanoClock, quiescence, merges, BatchSizes.OF_TRAFFIC);
    }

    Worker(
            int number,
            DatagramPort port,
            AssociationTable associations,
            NonDataRecords nonData,
            ControlSink control,
            PlanReference plans,
            LongSupplier nanoClock,
            Quiescence.Worker quiescence,
            boolean merges,
            BatchSizes sizes) {
        this.number = number;
        this.port = port;
        this.locals = port.locals();
        this.datagramsReady = new boolean[locals[locals.length - 1] + 1];
        this.plans = plans;
        this.nanoClock = nanoClock;
        this.quiescence = quiescence;
        this.control = control;
        this.fit = new PathFit(new MemberErrors(sizes.errors(), number), number);
        PolicyGate gate = new PolicyGate(number);
        RecordProtector protector = new RecordProtector(AEAD_BATCH, nonData, nanoClock, number);
        Sealing sealing = new Sealing(protector, drops);
        RelayExchange noRelays = new RelayExchange(associations.steering());
        this.relay = new RelayPath(noRelays, sealing, port, drops, sizes.records(), number);
        this.outbound = new OutboundPath(sizes, relay, sealing, gate, fit, drops, traffic, fragments, number);
        this.inbound = new InboundPath(
                sizes,
                port,
                associations,
                protector,
                relay,
                control,
                gate,
                fit,
                drops,
                traffic,
                marks,
                fragments,
                number);
        inbound.merge(merges);
    }

    /** Before the first turn: datagrams are relayed as {@code exchange} says. */
    public void relayBy(RelayExchange exchange) {
        relay.relayBy(exchange);
    }

    /** The worker's number, from 0. */
    public int number() {
        return number;
    }

    public DropCounters drops() {
        return drops;
    }

    public TrafficCounters traffic() {
        return traffic;
    }

    public CongestionMarks marks() {
        return marks;
    }

    public FragmentCounters fragments() {
        return fragments;
    }

    /** Generation of the snapshot that the worker goes by; nothing of an earlier one is used any more. Any thread. */
    public long adoptedGeneration() {
        return adoptedGeneration;
    }

    /** Whether the worker's thread may still turn. Any thread. */
    public boolean isRunning() {
        return running;
    }

    /** The plan that the last turn worked by. */
    DataplanePlan plan() {
        return plan;
    }

    /** Datagrams may be waiting at the socket {@code local}. */
    public void datagramsReady(int local) {
        datagramsReady[local] = true;
    }

    /** Packets may be waiting at a {@link DataplanePlan#source source}. */
    public void sourceReady(int source) {
        ready.add(source);
    }

    /** Packets may be waiting at any source. */
    public void allSourcesReady() {
        ready.addAll();
    }

    /** Whether another turn would find work, as far as is known without looking. */
    public boolean hasWork() {
        return ready.count() > 0 || haveDatagrams() || port.isStreamReady();
    }

    private boolean haveDatagrams() {
        for (int local : locals) {
            if (datagramsReady[local]) {
                return true;
            }
        }
        return false;
    }

    /** How long the thread may wait for work from outside; 0 when there is other work, {@code most} at most. */
    long waitNanos(long most) {
        return hasWork() ? 0 : outbound.waitNanos(nanoClock.getAsLong(), most);
    }

    /** Takes up the published plan. True when it is another one than before; then {@link #confirmPlan} follows. */
    public boolean adoptPlan() {
        quiescence.announce();
        DataplanePlan next = plans.current();
        if (next == plan) {
            return false;
        }
        plan = next;
        lastReadNanos = new long[plan.sourceCount()];
        ready = new ReadyQueue(plan.sourceCount());
        drops.growTo(plan.siteCount());
        marks.growTo(plan.siteCount());
        fragments.growTo(plan.siteCount());
        traffic.growTo(plan.trafficCount());
        fit.errors().adopt(plan, nanoClock.getAsLong());
        outbound.adopt(plan.forwarding());
        allSourcesReady();
        return true;
    }

    /** Says that nothing of an earlier plan is used any more, its devices' descriptors included. */
    public void confirmPlan() {
        adoptedGeneration = plan.forwarding().generation();
    }

    /** Before the thread waits: nothing of this turn is used any more. */
    public void idle() {
        quiescence.idle();
    }

    /** One turn: at most a few batches each way. */
    public void turn() {
        long nowNanos = nanoClock.getAsLong();
        int left = INBOUND_BATCHES;
        for (int i = 0; i < locals.length && left > 0; i++) {
            lastLocal = (lastLocal + 1) % locals.length;
            left -= turnInbound(locals[lastLocal], nowNanos);
        }
        for (int i = 0; i < BATCHES_OF_SOCKET && port.isStreamReady(); i++) {
            inbound.poll(DatagramPort.STREAM, plan, nowNanos);
        }
        turnOutbound(nowNanos);
    }

    /** Returns how many batches there were. */
    private int turnInbound(int local, long nowNanos) {
        int batches = 0;
        while (batches < BATCHES_OF_SOCKET && datagramsReady[local]) {
            datagramsReady[local] = inbound.poll(local, plan, nowNanos);
            batches++;
        }
        return batches;
    }

    private void turnOutbound(long nowNanos) {
        outbound.release(plan, nowNanos);
        if (ready.count() == 0) {
            return;
        }
        outbound.begin();
        for (int visits = ready.count(); visits > 0 && outbound.hasRoom(); visits--) {
            int source = ready.take();
            if (read(source, nowNanos)) {
                ready.add(source);
            }
        }
        outbound.forward(plan, nowNanos);
    }

    /**
     * Returns whether more may be waiting. One tenant's broken device stops nobody else. Where packets are rare, one is
     * taken and epoll asked for the next, which saves asking the device in vain; what several V-nets share may have
     * more in hand than epoll knows of.
     */
    private boolean read(int source, long nowNanos) {
        PacketDevice device = plan.source(source);
        boolean isRare = nowNanos - lastReadNanos[source] > RARE_NANOS && !plan.isShared(source);
        lastReadNanos[source] = nowNanos;
        try {
            return outbound.read(device.queue(number), plan, source, isRare) && !isRare;
        } catch (DeviceException broken) {
            control.deviceFailed(device, broken);
            failed.add(device);
            return false;
        }
    }

    /** Devices that failed since the last call: nobody needs to wait for them any more. */
    List<PacketDevice> takeFailed() {
        if (failed.isEmpty()) {
            return List.of();
        }
        List<PacketDevice> taken = List.copyOf(failed);
        failed.clear();
        return taken;
    }

    /** The thread is done with everything. */
    public void leave() {
        ready = new ReadyQueue(0);
        plan = DataplanePlan.EMPTY;
        quiescence.close();
        running = false;
    }
}
