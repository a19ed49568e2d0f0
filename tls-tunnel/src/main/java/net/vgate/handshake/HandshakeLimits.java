package net.vgate.handshake;

import java.time.Duration;

/**
 * How much handshakes may take.
 *
 * @param concurrent how many may be under way; half of them are kept for configured peers
 * @param perSource how many of them in server role from one IP address
 * @param timeout for a whole handshake
 * @param noAnswer after which we give up if nothing at all came, so that a retry finds a restarted peer soon
 * @param firstResend after which a flight is repeated; doubled each time
 * @param hellosPerSecond how many ClientHellos are looked into, each of configured sources and of all others; of the
 *     former, half of it from one
 * @param hellosPerSource how many of those from one source that is not configured: an IPv4 address or an IPv6 /64
 * @param strangersPerSecond how many handshakes sources that are not configured may begin; each costs a few
 *     milliseconds of a processor, whatever comes of it
 */
public record HandshakeLimits(
        int concurrent,
        int perSource,
        Duration timeout,
        Duration noAnswer,
        Duration firstResend,
        int hellosPerSecond,
        int hellosPerSource,
        int strangersPerSecond) {
    /**
     * For three flights, the last of which is sent after three times {@link #firstResend}, and a while to answer it.
     */
    private static final Duration HASTE = Duration.ofMillis(1_300);

    /** What takes the place of {@link #noAnswer} where there are other ways to try. */
    Duration hastyNoAnswer() {
        return noAnswer.compareTo(HASTE) < 0 ? noAnswer : HASTE;
    }

    /** The same with other rates. */
    public HandshakeLimits withRates(int ofHellos, int ofHellosOfOneSource, int ofStrangers) {
        return new HandshakeLimits(
                concurrent, perSource, timeout, noAnswer, firstResend, ofHellos, ofHellosOfOneSource, ofStrangers);
    }

    /** The limits of a gateway. */
    public static final HandshakeLimits DEFAULT = new HandshakeLimits(
            32, 2, Duration.ofSeconds(10), Duration.ofMillis(2_500), Duration.ofMillis(400), 5_000, 50, 50);
}
