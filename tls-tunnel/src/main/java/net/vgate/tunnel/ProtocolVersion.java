package net.vgate.tunnel;

/**
 * Version of the control protocol that two gateways speak inside an association. What is only added keeps the major
 * number and takes a new minor one; a change that an older end would misread takes a new major one.
 *
 * @param major 0 to 255
 * @param minor 0 to 255
 */
public record ProtocolVersion(int major, int minor) implements Comparable<ProtocolVersion> {
    /** The first one: hello without capabilities and without the peer's incarnation; no hand-over messages. */
    public static final ProtocolVersion V1_0 = new ProtocolVersion(1, 0);

    /** Adds to the hello: oldest version, peer's incarnation, capabilities. */
    public static final ProtocolVersion V1_1 = new ProtocolVersion(1, 1);

    /** Adds to the hello: the association's lane, how many lanes the sender would have; without, there is one. */
    public static final ProtocolVersion V1_2 = new ProtocolVersion(1, 2);

    /** What this gateway speaks. */
    public static final ProtocolVersion CURRENT = V1_2;

    /** The oldest version that this gateway still speaks. */
    public static final ProtocolVersion OLDEST = V1_0;

    public ProtocolVersion {
        if ((major | minor) < 0 || major > 255 || minor > 255) {
            throw new IllegalArgumentException("version " + major + "." + minor);
        }
    }

    /** Whether this version came before {@code other}. */
    public boolean isBefore(ProtocolVersion other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(ProtocolVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
