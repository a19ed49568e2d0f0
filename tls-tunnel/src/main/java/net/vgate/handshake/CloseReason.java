package net.vgate.handshake;

/** Why an association came to its end without our doing. */
public enum CloseReason {
    /** The peer sent close_notify. */
    PEER_CLOSED,
    /** The peer sent a fatal alert. */
    PEER_FAILED,
    /** The peer, which writes no connection IDs, made a new one from the same address. */
    REPLACED
}
