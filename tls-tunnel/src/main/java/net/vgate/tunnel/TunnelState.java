package net.vgate.tunnel;

import java.util.Locale;

/** Where a tunnel is in its life. */
public enum TunnelState {
    /** No association, and none under way: not started, or waiting for a peer whose address is not known. */
    IDLE,
    /** No association; handshakes go on until there is one. Nothing is sent. */
    HANDSHAKING,
    /** Both ends use an association. */
    ESTABLISHED,
    /** Both ends use an association, and another one is being made to replace it. */
    REKEYING,
    /** Stopping: the peer is being told. Nothing is sent. */
    CLOSING,
    /** Over, for good. */
    CLOSED;

    /** Whether packets leave. */
    boolean carries() {
        return this == ESTABLISHED || this == REKEYING;
    }

    /** The name as metrics, JSON and tables show it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
