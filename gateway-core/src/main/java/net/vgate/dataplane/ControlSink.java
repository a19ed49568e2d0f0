package net.vgate.dataplane;

import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;

/**
 * Where a worker hands what is not its own to deal with: bounded queues toward control, which take copies and never
 * wait. Called by the worker's thread.
 */
public interface ControlSink {
    /** A datagram that may belong to a handshake. False when the queue is full. */
    boolean handshake(PacketBatch batch, int slot);

    /** An authenticated control message, the Geneve payload. False when the queue is full. */
    boolean control(Association association, PacketBatch batch, int slot);

    /**
     * A parsed ICMP echo reply has come for the gateway's own address in a V-net. True if it answers a ping of
     * control's and is taken; else it is the V-net's.
     */
    boolean targetAnswered(Association association, PacketBatch batch, int slot);

    /** The newest record came from {@link Association#elsewhere}. */
    void seenElsewhere(Association association);

    /** A device can no longer be read: it is gone, or broken. The worker leaves it alone until the next plan. */
    void deviceFailed(PacketDevice device, DeviceException cause);
}
