package net.vgate.control;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.dataplane.ControlSink;
import net.vgate.dataplane.DropCounters;
import net.vgate.dataplane.Stage;
import net.vgate.handshake.HandshakeCounters;
import net.vgate.handshake.Handshakes;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.tunnel.DatagramPort;

/**
 * What workers hand over, in bounded queues: control messages to the conductor; datagrams of handshakes to a thread of
 * their own, so that a flood of them delays no tunnel's life.
 */
public final class ControlQueues implements ControlSink, Runnable {
    /** Datagrams that may wait; each is at most one flight of a handshake. */
    private static final int WAITING_DATAGRAMS = 1_024;

    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** What comes within this time is looked at together: to be woken costs more than most datagrams of a flood. */
    private static final long TOGETHER_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

    private final Inbox<Runnable> reception = new Inbox<>(WAITING_DATAGRAMS);
    private final Inbox<Command> conductor;
    private final Handshakes handshakes;
    private final DropCounters drops = new DropCounters();
    private volatile boolean stopping;

    public ControlQueues(Inbox<Command> conductor, Handshakes handshakes) {
        this.conductor = conductor;
        this.handshakes = handshakes;
    }

    @Override
    public boolean handshake(PacketBatch batch, int slot) {
        int local = batch.local(slot);
        byte[] datagram = batch.copyOut(slot);
        InetSocketAddress from = OuterAddress.read(batch.addresses(), batch.addressOffset(slot));
        return reception.offer(() -> receive(local, from, datagram));
    }

    private void receive(int local, InetSocketAddress from, byte[] datagram) {
        DropReason reason = handshakes.receive(local, from, datagram);
        if (reason != null) {
            drops.count(Stage.HANDSHAKE, reason, DropCounters.NO_SITE);
        }
    }

    /** What the reception's thread dropped. */
    DropCounters drops() {
        return drops;
    }

    /** What came of handshakes, and of the datagrams that were not dropped. Any thread. */
    HandshakeCounters handshakes() {
        return handshakes.counters();
    }

    @Override
    public void deviceFailed(PacketDevice device, DeviceException cause) {
        conductor.put(new Command.DeviceFailed(device, cause));
    }

    @Override
    public void seenElsewhere(Association association) {
        // When the queue is full, the conductor finds out at its next look.
        boolean unused = conductor.offer(new Command.SeenElsewhere(association));
    }

    @Override
    public boolean targetAnswered(Association association, PacketBatch batch, int slot) {
        if (!TargetProbe.isAnswer(batch, slot)) {
            return false;
        }
        // What the queue has no room for is asked again.
        boolean unused = conductor.offer(new Command.TargetAnswered(association, TargetProbe.number(batch, slot)));
        return true;
    }

    @Override
    public boolean control(Association association, PacketBatch batch, int slot) {
        // What comes by a stream that is not the association's says nothing of where an answer could go.
        boolean saysFrom = batch.local(slot) != DatagramPort.STREAM && association.local() != DatagramPort.STREAM;
        Path from = saysFrom
                ? new Path(batch.local(slot), OuterAddress.read(batch.addresses(), batch.addressOffset(slot)))
                : association.path();
        return conductor.offer(new Command.ControlArrived(association, ByteBuffer.wrap(batch.copyOut(slot)), from));
    }

    /** The reception's thread. */
    @Override
    public void run() {
        while (!stopping) {
            Runnable next = reception.poll();
            if (next == null) {
                reception.await(WAIT_NANOS);
                continue;
            }
            for (; next != null; next = reception.poll()) {
                next.run();
            }
            LockSupport.parkNanos(this, TOGETHER_NANOS);
        }
    }

    /** Ends the reception's thread. */
    public void stop() {
        stopping = true;
        reception.wake();
    }
}
