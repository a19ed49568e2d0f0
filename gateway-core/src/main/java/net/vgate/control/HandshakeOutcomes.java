package net.vgate.control;

import java.util.concurrent.atomic.AtomicLong;
import net.vgate.handshake.CloseReason;
import net.vgate.handshake.HandshakeFailure;
import net.vgate.handshake.HandshakeListener;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Role;
import net.vgate.record.SocketText;

/**
 * Tells the conductor what came of handshakes, and counts and logs those that were turned away. Threads of the pool.
 */
public final class HandshakeOutcomes implements HandshakeListener {
    private final Inbox<Command> conductor;
    private final EventLog log;
    private final AtomicLong refused = new AtomicLong();

    public HandshakeOutcomes(Inbox<Command> conductor, EventLog log) {
        this.conductor = conductor;
        this.log = log;
    }

    @Override
    public void connected(PeerIdentity peer, int attempt, Association association) {
        conductor.put(new Command.Connected(attempt, association));
    }

    @Override
    public void accepted(Association association) {
        conductor.put(new Command.Accepted(association));
    }

    @Override
    public void failed(HandshakeFailure failure) {
        if (failure.role() == Role.CLIENT) {
            failure.peer()
                    .ifPresent(peer -> conductor.put(new Command.ConnectFailed(peer, failure.attempt(), failure)));
            return;
        }
        refused.incrementAndGet();
        log.report(new Event.HandshakeRefused(
                SocketText.of(failure.remote()), failure.reason().label() + ": " + failure.detail()));
    }

    @Override
    public void closed(Association association, CloseReason reason) {
        conductor.put(new Command.ClosedByPeer(association));
    }

    /** How many handshakes that peers started came to nothing. Any thread. */
    public long refused() {
        return refused.get();
    }
}
