package net.vgate.tunnel;

import java.util.Locale;

/** What a tunnel's life cycle counts. A closed set: the lower-case name is the metric's and the table's. */
public enum TunnelCounter {
    /** Handshakes that we started. */
    HANDSHAKES_STARTED,
    /** Of those, the ones that led to no association. */
    HANDSHAKES_FAILED,
    /** Handshakes that the peer started and that succeeded. */
    HANDSHAKES_ACCEPTED,
    /** Times that the tunnel changed over to a new association while it had one. */
    REKEYS,
    /** Times that the tunnel had no association any more. */
    OUTAGES,
    /** Times that the peer was found to be another process than before. */
    PEER_RESTARTS,
    /** Echo requests sent. */
    ECHOES_SENT,
    /** Echo requests without an answer when the next one was due. */
    ECHOES_UNANSWERED,
    /** Probes of the path's MTU sent. */
    PATH_PROBES_SENT,
    /** Probes of the path's MTU that were answered. */
    PATH_PROBES_ANSWERED,
    /** Times that the peer was seen at another address and asked whether it is there. */
    PATH_CHECKS,
    /** Of those, the ones that found it there and no longer where it was. */
    PATHS_MOVED,
    /** Control messages received, whatever became of them. */
    CONTROL_RECEIVED,
    /** Control messages that break their format. */
    CONTROL_MALFORMED,
    /** Control messages of a type that this version does not know. */
    CONTROL_UNKNOWN,
    /** Control messages that have no meaning where they came: on no association of ours, or from the wrong end. */
    CONTROL_UNEXPECTED;

    /** The name as metrics, JSON and tables show it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
