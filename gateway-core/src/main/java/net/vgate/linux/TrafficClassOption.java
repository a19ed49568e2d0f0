package net.vgate.linux;

/**
 * How the kernel is told, and tells, the traffic class of a datagram: by a control message that goes by the socket's
 * family. Ours never have mapped addresses, of which an IPv6 socket would hear by IPv4's.
 *
 * @param level of the control message and the option
 * @param type of the control message, both ways; an int, but a byte where an IPv4 socket receives
 * @param receive the option that has received datagrams carry it
 */
record TrafficClassOption(int level, int type, int receive) {
    /** IP_TOS and IP_RECVTOS: ip(7). */
    static final TrafficClassOption INET = new TrafficClassOption(0, 1, 13);

    /** IPV6_TCLASS and IPV6_RECVTCLASS: RFC 3542 section 6.5. */
    static final TrafficClassOption INET6 = new TrafficClassOption(41, 67, 66);
}
