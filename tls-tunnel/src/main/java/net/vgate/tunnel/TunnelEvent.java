package net.vgate.tunnel;

import java.util.Locale;

/** What is worth a line in the log about a tunnel. */
public enum TunnelEvent {
    /** The tunnel carries packets, after it did not. */
    UP(false),
    /** The tunnel changed over to a new association; no packet was lost for it. */
    REKEYED(false),
    /** A handshake that we started did not lead to an association. */
    HANDSHAKE_FAILED(false),
    /** The peer is another process than before: it restarted. */
    PEER_RESTARTED(false),
    /** The peer said that it stops. */
    PEER_STOPPED(false),
    /** The peer closed the association that was in use. */
    PEER_CLOSED(false),
    /** The peer is not to be trusted any more; the association was closed. */
    PEER_REFUSED(true),
    /** The peer does not answer any more. */
    PEER_LOST(true),
    /** A new association was never greeted, or its greeting never answered; it was given up. */
    GREETING_LOST(false),
    /** The two ends speak no common version of the control protocol. */
    VERSION_REFUSED(true),
    /** An association reached its hard limit before a new one was there; it was closed. */
    HARD_LIMIT(true),
    /** The peer has moved to another address, and has shown that it is there. */
    ROAMED(false),
    /** Another of the peer's addresses is sent to: it answers, or better than the one before. */
    PATH_CHANGED(false),
    /** The path carries larger or smaller packets than before. */
    PATH_MTU(false),
    /** The peer goes into maintenance: flows take another gateway of its site, if there is one. */
    PEER_DRAINS(false),
    /** The peer takes flows again. */
    PEER_STAYS(false),
    /** The tunnel was stopped here. */
    STOPPED(false);

    private final boolean alarm;

    TunnelEvent(boolean alarm) {
        this.alarm = alarm;
    }

    /** Whether a person should look at it. */
    public boolean isAlarm() {
        return alarm;
    }

    /** The name in logs and tables. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
