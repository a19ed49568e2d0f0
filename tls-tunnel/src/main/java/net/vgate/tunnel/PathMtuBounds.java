package net.vgate.tunnel;

/**
 * Between which sizes a path's MTU is looked for. Outer IP packets, all headers included, in bytes.
 *
 * @param least what every path is taken to carry
 * @param most what is looked for, and taken to be so where nothing is looked for
 */
public record PathMtuBounds(int least, int most) {
    /**
     * Of IPv4: RFC 791 has every host take 576 bytes. Less is legal on a path, and seen on none that carries a tunnel.
     */
    public static final int LEAST_IPV4 = 576;

    /** Of IPv6: the smallest MTU there may be, RFC 8200 section 5. */
    public static final int LEAST_IPV6 = 1_280;

    public PathMtuBounds {
        if (least < 1 || most < least || most > 0xffff) {
            throw new IllegalArgumentException("a path's MTU from " + least + " to " + most);
        }
    }

    /** Nothing is looked for. */
    public static PathMtuBounds fixed(int bytes) {
        return new PathMtuBounds(bytes, bytes);
    }

    /** Whether there is anything to look for. */
    public boolean isOpen() {
        return least < most;
    }
}
