package net.vgate.handshake;

import java.net.InetSocketAddress;
import java.util.Optional;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Role;

/**
 * A handshake that came to nothing.
 *
 * @param detail one line for our side, without secrets
 * @param attempt what {@link Handshakes#connect} was given; -1 in server role
 * @param peer the one that we meant, or in server role the one that its certificate names, if it came to that
 */
public record HandshakeFailure(
        FailureReason reason,
        String detail,
        Role role,
        int attempt,
        Optional<PeerIdentity> peer,
        int local,
        InetSocketAddress remote) {}
