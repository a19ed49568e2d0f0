package net.vgate.observe;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import net.vgate.dataplane.Heartbeat;

/**
 * One thing that must be so.
 *
 * @param problem one line that says what is wrong, or empty; asked from any thread, and never waits
 */
public record HealthCheck(String name, Supplier<Optional<String>> problem) {
    /** The thread came around its loop within {@code limit}; it must do so without traffic, too. */
    public static HealthCheck of(Heartbeat heartbeat, Duration limit, LongSupplier nanoTime) {
        return new HealthCheck(heartbeat.name(), () -> {
            long age = heartbeat.ageNanos(nanoTime.getAsLong());
            return age <= limit.toNanos()
                    ? Optional.empty()
                    : Optional.of("no turn for " + Duration.ofNanos(age).toSeconds() + " s");
        });
    }
}
