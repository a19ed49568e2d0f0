package net.vgate.tunnel;

/**
 * Optional parts of the control protocol, one bit each in the hello. A part is used on an association only when both
 * ends have offered it there; bits that are not named here mean nothing to this gateway and are kept as they came.
 */
public final class Capability {
    /** {@link ControlMessage.Switch} and its answer: the client says when it sends on a new association. */
    public static final long HANDOVER = 1;

    /** Packets may come with a partial transport checksum: {@link net.vgate.encap.ChecksumOption}. */
    public static final long PARTIAL_CHECKSUM = 2;

    /** {@link ControlMessage.PathProbe} is answered. */
    public static final long PATH_PROBE = 4;

    /** {@link ControlMessage.PathChallenge} is answered. */
    public static final long PATH_CHALLENGE = 8;

    /** The ECN field of a record's outer header is combined with the packet's: RFC 6040 section 4.2. */
    public static final long ECN = 16;

    /** {@link ControlMessage.Draining} is acknowledged, and heeded. */
    public static final long DRAINING = 128;

    /** {@link ControlMessage.Demands}: the ends tell each other what they demand for V-nets. */
    public static final long CLASSES = 64;

    /** Packets may come in fragments of the tunnel: {@link net.vgate.encap.FragmentOption}. */
    public static final long FRAGMENTS = 256;

    /** {@link ControlMessage.RelayRequest} is answered: datagrams are passed on where that is granted. */
    public static final long RELAY = 512;

    /** What this version knows; what it offers is {@link TunnelRules#capabilities}. */
    public static final long ALL =
            HANDOVER | PARTIAL_CHECKSUM | PATH_PROBE | PATH_CHALLENGE | ECN | CLASSES | DRAINING | FRAGMENTS | RELAY;

    private Capability() {}
}
