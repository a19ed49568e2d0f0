package net.vgate.forwarding;

import java.util.concurrent.TimeUnit;
import net.vgate.packet.InnerHeader;

/**
 * How far a flow has come, and how long it may be silent. The side that sent the first packet is its starter, the other
 * side answers.
 */
public enum FlowState {
    /** UDP, RFC 4787 REQ-5. */
    UDP_ASKED(0, Times.UDP, false),
    UDP_ANSWERED(1, Times.UDP, true),
    /** ICMP echo, RFC 5508 REQ-1. */
    ECHO_ASKED(2, Times.ECHO, false),
    ECHO_ANSWERED(3, Times.ECHO, true),
    /** Any other protocol: addresses and protocol alone make the flow. */
    OTHER_ASKED(4, Times.UDP, false),
    OTHER_ANSWERED(5, Times.UDP, true),
    /** TCP, RFC 5382 REQ-5: the starter's SYN was seen. */
    TCP_OPENING(6, Times.TCP_TRANSITORY, false),
    /** The other side's SYN was seen as well. */
    TCP_ANSWERED(7, Times.TCP_TRANSITORY, true),
    TCP_ESTABLISHED(8, Times.TCP_ESTABLISHED, true),
    /** A FIN or RST was seen. What follows still passes and keeps the flow: a reset may be forged, or late. */
    TCP_CLOSING(9, Times.TCP_TRANSITORY, false),
    /** Taken up in the middle by the starter's segment, as after a restart of the gateway; not yet answered. */
    TCP_PICKED_UP(10, Times.TCP_TRANSITORY, false),
    /** Expired, however short ago it was seen. */
    ENDED(11, -1, false),
    /** Taken up in the middle by a segment of the side that answers; of the starter nothing was seen yet. */
    TCP_ANSWER_PICKED_UP(12, Times.TCP_TRANSITORY, false);

    private static final FlowState[] VALUES = values();
    private static final int OPENS_OR_ENDS = InnerHeader.TCP_SYN | InnerHeader.TCP_RST | InnerHeader.TCP_FIN;

    private final int code;
    private final int timeoutTicks;
    private final boolean lasting;

    /** The idle times that the RFCs ask for, as {@link FlowWord} counts them. */
    private static final class Times {
        static final int UDP = FlowWord.ticksOf(TimeUnit.MINUTES.toNanos(5));
        static final int ECHO = FlowWord.ticksOf(TimeUnit.SECONDS.toNanos(60));
        static final int TCP_TRANSITORY = FlowWord.ticksOf(TimeUnit.MINUTES.toNanos(4));
        static final int TCP_ESTABLISHED = FlowWord.ticksOf(TimeUnit.MINUTES.toNanos(124));
    }

    /** @param code the constant's place, 4 bits */
    FlowState(int code, int timeoutTicks, boolean lasting) {
        this.code = code;
        this.timeoutTicks = timeoutTicks;
        this.lasting = lasting;
    }

    /** How many ticks a flow may be silent. */
    int timeoutTicks() {
        return timeoutTicks;
    }

    /** Whether both sides take part, so that the flow may not be given up for another while it is not expired. */
    boolean isLasting() {
        return lasting;
    }

    int code() {
        return code;
    }

    static FlowState of(int code) {
        return VALUES[code];
    }

    /** Whether the flags are those of a segment that asks for a connection. */
    public static boolean isOpening(int tcpFlags) {
        return (tcpFlags & (OPENS_OR_ENDS | InnerHeader.TCP_ACK)) == InnerHeader.TCP_SYN;
    }

    /**
     * The state of a TCP flow after its first packet that was seen.
     *
     * @param byStarter whether that is of the side for which there is a rule
     * @param tcpFlags without RST: a reset starts nothing
     */
    public static FlowState firstOfTcp(boolean byStarter, int tcpFlags) {
        if (isOpening(tcpFlags)) {
            return TCP_OPENING;
        }
        if ((tcpFlags & InnerHeader.TCP_FIN) != 0) {
            return TCP_CLOSING;
        }
        return byStarter ? TCP_PICKED_UP : TCP_ANSWER_PICKED_UP;
    }

    /** The state after one more packet. */
    public FlowState next(boolean byStarter, int tcpFlags) {
        return switch (this) {
            case UDP_ASKED -> byStarter ? this : UDP_ANSWERED;
            case ECHO_ASKED -> byStarter ? this : ECHO_ANSWERED;
            case OTHER_ASKED -> byStarter ? this : OTHER_ANSWERED;
            case UDP_ANSWERED, ECHO_ANSWERED, OTHER_ANSWERED, ENDED -> this;
            case TCP_OPENING, TCP_ANSWERED, TCP_ESTABLISHED, TCP_CLOSING, TCP_PICKED_UP, TCP_ANSWER_PICKED_UP ->
                nextOfTcp(byStarter, tcpFlags);
        };
    }

    private FlowState nextOfTcp(boolean byStarter, int tcpFlags) {
        if ((tcpFlags & (InnerHeader.TCP_RST | InnerHeader.TCP_FIN)) != 0) {
            return TCP_CLOSING;
        }
        boolean syn = (tcpFlags & InnerHeader.TCP_SYN) != 0;
        boolean ack = (tcpFlags & InnerHeader.TCP_ACK) != 0;
        return switch (this) {
            // The SYN of a simultaneous open counts as an answer (RFC 5382 REQ-2a).
            case TCP_OPENING -> !byStarter && syn ? TCP_ANSWERED : this;
            case TCP_ANSWERED -> byStarter && ack ? TCP_ESTABLISHED : this;
            case TCP_CLOSING -> byStarter && syn && !ack ? TCP_OPENING : this;
            case TCP_PICKED_UP -> !byStarter && ack ? TCP_ESTABLISHED : this;
            case TCP_ANSWER_PICKED_UP -> byStarter && ack ? TCP_ESTABLISHED : this;
            default -> this;
        };
    }
}
