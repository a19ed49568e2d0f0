package net.vgate.packet;

/**
 * ICMP header of both families, RFC 792 and RFC 4443 section 2.1. All fields are in network byte order.
 *
 * <pre>
 * |     Type      |     Code      |           Checksum            |
 * |                depends on the type, 4 bytes                   |
 * |        of an error: what it quotes of the packet in error     |
 * </pre>
 *
 * <p>An error that may carry extensions says how long the quote is, if it does (RFC 4884 section 4): in 32-bit words in
 * the sixth byte (IPv4), or in 64-bit words in the fifth (IPv6).
 */
public final class IcmpHeader {
    /** Length of the header, in bytes. */
    public static final int BYTES = 8;

    public static final int CODE_OFFSET = 1;
    public static final int CHECKSUM_OFFSET = 2;
    public static final int IDENTIFIER_OFFSET = 4;
    public static final int IPV4_QUOTE_WORDS_OFFSET = 5;
    public static final int IPV6_QUOTE_WORDS_OFFSET = 4;

    /** Types of ICMP for IPv4. */
    public static final int ECHO_REPLY = 0;

    public static final int UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    /** Types of ICMP for IPv6; those below 128 are errors. */
    public static final int V6_UNREACHABLE = 1;

    public static final int V6_PACKET_TOO_BIG = 2;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_ECHO = 128;
    public static final int V6_ECHO_REPLY = 129;
    public static final int V6_REDIRECT = 137;

    private IcmpHeader() {}
}
