package net.vgate.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The neighbors on V-nets' links of Ethernet, as far as the gateway knows them at this moment.
 *
 * @param neighbors by V-net and address
 * @param leftOut how many more there are behind the last one
 * @param problem why none can be shown, in one line; null when all is well
 */
public record NeighborsReport(
        List<Neighbor> neighbors, long leftOut, @Nullable String problem) {
    public NeighborsReport {
        neighbors = List.copyOf(neighbors);
    }

    /** Of a question that is refused. */
    public static NeighborsReport refused(String problem) {
        return new NeighborsReport(List.of(), 0, problem);
    }

    /**
     * One neighbor.
     *
     * @param mac null while it is asked for
     * @param locator of the switch behind which it is; null while it is asked for, and at a TAP
     * @param state the name of a {@link net.vgate.attachment.NeighborState}, in small letters
     * @param ageSeconds since it was confirmed; while it is asked for, since that began
     */
    public record Neighbor(
            String vnet,
            String address,
            @Nullable String mac,
            @Nullable String locator,
            String state,
            long ageSeconds) {}
}
