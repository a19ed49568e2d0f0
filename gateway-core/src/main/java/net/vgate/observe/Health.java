package net.vgate.observe;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the gateway lives, and whether it is ready.
 *
 * <p><b>Live</b> ({@code /healthz}): the workers and the conductor come around their loops. When it does not hold, a
 * restart is the cure.
 *
 * <p><b>Ready</b> ({@code /readyz}): live, a configuration is in use, its sockets are bound and its devices are there.
 * Whether peers answer has no part in it: that is theirs as much as ours, and no restart would mend it; the metric
 * {@code vgate_tunnel_up} tells it.
 */
public final class Health {
    private final List<HealthCheck> live;
    private final List<HealthCheck> ready;

    /** @param ready what readiness asks beyond being live */
    public Health(List<HealthCheck> live, List<HealthCheck> ready) {
        this.live = List.copyOf(live);
        List<HealthCheck> all = new ArrayList<>(live);
        all.addAll(ready);
        this.ready = List.copyOf(all);
    }

    /** Does the process work? */
    public Report live() {
        return report(live);
    }

    /** Does it do what it was configured to do? */
    public Report ready() {
        return report(ready);
    }

    private static Report report(List<HealthCheck> checks) {
        List<Result> results = checks.stream()
                .map(check -> new Result(check.name(), check.problem().get().orElse(null)))
                .toList();
        return new Report(results.stream().allMatch(result -> result.problem() == null), results);
    }

    /** All checks, and whether they all hold. */
    public record Report(boolean ok, List<Result> checks) {
        public Report {
            checks = List.copyOf(checks);
        }
    }

    /**
     * What one check found.
     *
     * @param problem null when all is well
     */
    public record Result(String name, @Nullable String problem) {}
}
