package net.vgate.dataplane;

import java.util.Locale;

/**
 * Where on the path a packet was dropped, in the order in which packets pass: outbound first, then inbound. A closed
 * set: the lower-case name is the metric's label and the command line's column.
 */
public enum Stage {
    /** Outbound: taken from the device and parsed. */
    PARSE,
    /** Outbound: is the source a member of the V-net? */
    CLASSIFY,
    /** Outbound: where is the destination? */
    ROUTE,
    /** Outbound: the sender's side of the policy. */
    PERMIT_OUT,
    /** Outbound: does it fit the path? */
    FIT,
    /** Outbound: our addresses become those that the peer sees. */
    TRANSLATE,
    /** Outbound: may the V-net send as fast? */
    SHAPE,
    /** Outbound: encapsulation. */
    ENCAPSULATE,
    /** Outbound: encryption. */
    SEAL,
    /** Outbound: handing to the socket. */
    SEND,
    /** Inbound: fetched from the socket in time, and which association does the record belong to? */
    RECEIVE,
    /** Inbound, off the worker: datagrams of handshakes. */
    HANDSHAKE,
    /** Inbound: replay check and decryption. */
    OPEN,
    /** Inbound: may what a third gateway is to pass on, or has passed on, go on its way? */
    RELAY,
    /** Inbound: decapsulation, and which V-net. */
    DECAPSULATE,
    /** Inbound: putting together what came in fragments of the tunnel. */
    REASSEMBLE,
    /** Inbound: may this peer bring this packet? */
    ADMIT,
    /** Inbound: the addresses that the peer sees become ours. */
    RESTORE,
    /** Inbound: the receiver's side of the policy. */
    PERMIT_IN,
    /** Inbound, or between members here: handing to the device. */
    DELIVER;

    private static final Stage[] VALUES = values();

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name as metrics, JSON and tables show it. */
    public String label() {
        return label;
    }

    /** How many stages there are. */
    public static int count() {
        return VALUES.length;
    }

    /** The stage with ordinal {@code ordinal}, without the copy that {@code values()} makes. */
    public static Stage of(int ordinal) {
        return VALUES[ordinal];
    }
}
