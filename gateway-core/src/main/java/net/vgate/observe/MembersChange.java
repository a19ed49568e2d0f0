package net.vgate.observe;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the directory: all of it is done, or nothing.
 *
 * @param vnet the V-net's name
 * @param addresses of members
 * @param state what they are to be, {@code expected} or {@code joined}; null where they are removed
 */
public record MembersChange(
        String vnet, List<String> addresses, @Nullable String state) {
    public MembersChange {
        Objects.requireNonNull(vnet, "vnet");
        addresses = List.copyOf(addresses);
    }
}
