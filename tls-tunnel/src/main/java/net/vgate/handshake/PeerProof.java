package net.vgate.handshake;

import java.util.Optional;

/** By what a peer proved who it is, to be looked at again when whom we trust changes. */
@FunctionalInterface
interface PeerProof {
    /** Empty when it still counts by {@code policy}, at the time when the peer presented it. */
    Optional<Refusal> against(HandshakePolicy policy);
}
