package net.vgate.tunnel;

import org.jspecify.annotations.Nullable;

/** One association of a tunnel, as its life cycle sees it. */
final class AssociationState {
    /** From the end of the handshake to the end of the drain time. */
    enum Phase {
        /** We are the server, and no hello has come. */
        UNGREETED,
        /** We are the client, and our hello is not answered. */
        GREETING,
        /** Hello and answer have passed: it can be sent on. */
        USABLE,
        /** Replaced; it still opens what is on its way. */
        RETIRED
    }

    final long id;
    final boolean client;
    final long bornNanos;

    Phase phase;
    int generation;
    ProtocolVersion version = ProtocolVersion.CURRENT;
    long capabilities;

    /** How many lanes the peer would have. */
    int peerLanes = 1;

    Usage usage = Usage.NONE;

    /** Whether both ends are known to send here, or on a better one. */
    boolean handedOver;

    /** When the phase ends by itself. */
    long deadline;

    /** What the peer has not answered yet: our hello, or our word that we have switched. */
    @Nullable
    Retransmission asking;

    AssociationState(long id, boolean client, int generation, long now, long deadline) {
        this.id = id;
        this.client = client;
        this.generation = generation;
        this.bornNanos = now;
        this.deadline = deadline;
        this.phase = client ? Phase.GREETING : Phase.UNGREETED;
    }

    boolean offers(long capability) {
        return (capabilities & capability) != 0;
    }

    boolean isUsable() {
        return phase == Phase.USABLE;
    }

    /**
     * Whether records that come on it are a sign that the peer lives. Before its answer to our hello the server sends
     * on it already; but a client that has not greeted may be a process that has come in the place of the one we know.
     */
    boolean showsLife() {
        return phase != Phase.UNGREETED;
    }

    /** Whether hello and answer have passed, now or earlier. */
    boolean wasGreeted() {
        return phase == Phase.USABLE || phase == Phase.RETIRED;
    }
}
