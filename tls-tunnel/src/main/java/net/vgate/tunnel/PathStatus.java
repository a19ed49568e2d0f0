package net.vgate.tunnel;

import net.vgate.record.Association.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one path to the peer.
 *
 * @param path null is the one that the association in use takes
 * @param live whether the peer answers on it
 * @param rttNanos smoothed round-trip time, each new sample weighing one eighth; 0 while unknown
 * @param loss share of the last {@value LossWindow#SIZE} requests without answer, 0 to 1; {@link #UNKNOWN_LOSS}
 */
public record PathStatus(@Nullable Path path, boolean live, long rttNanos, double loss) {
    /** Nothing was asked yet. */
    public static final double UNKNOWN_LOSS = -1;
}
