package net.vgate.tunnel;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one path to the peer.
 *
 * @param remote the peer's address; null is the one that the association in use goes to
 * @param live whether the peer answers there
 * @param rttNanos smoothed round-trip time, each new sample weighing one eighth; 0 while unknown
 * @param loss share of the last {@value LossWindow#SIZE} requests without answer, 0 to 1; {@link #UNKNOWN_LOSS}
 */
public record PathStatus(@Nullable InetSocketAddress remote, boolean live, long rttNanos, double loss) {
    /** Nothing was asked yet. */
    public static final double UNKNOWN_LOSS = -1;
}
