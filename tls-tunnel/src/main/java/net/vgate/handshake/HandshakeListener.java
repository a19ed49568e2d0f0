package net.vgate.handshake;

import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;

/** Hears what comes of handshakes, on threads of the pool; it must not block for long. */
public interface HandshakeListener {
    /** A handshake that {@link Handshakes#connect} began is done; the association opens records already. */
    void connected(PeerIdentity peer, int attempt, Association association);

    /** A handshake that a configured peer began is done; the association opens records already. */
    void accepted(Association association);

    /** A handshake came to nothing. */
    void failed(HandshakeFailure failure);

    /** An association ended at the other end; {@link Handshakes#close} it. */
    void closed(Association association, CloseReason reason);
}
