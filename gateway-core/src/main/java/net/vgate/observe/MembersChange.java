package net.vgate.observe;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the directory: all of it is done, or nothing.
 *
 * @param vnet the V-net's name
 * @param addresses of members
 * @param state what they are to be, {@code expected} or {@code joined}; null where they are removed, or stay in theirs
 * @param mac the Ethernet address that they have to have, {@code any} for whichever; null leaves what is written
 * @param locator of the switch behind which they have to be, {@code any} for whichever; null leaves what is written
 */
public record MembersChange(
        String vnet,
        List<String> addresses,
        @Nullable String state,
        @Nullable String mac,
        @Nullable String locator) {
    public MembersChange {
        Objects.requireNonNull(vnet, "vnet");
        addresses = List.copyOf(addresses);
    }
}
