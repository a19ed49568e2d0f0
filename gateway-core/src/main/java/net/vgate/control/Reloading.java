package net.vgate.control;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.vgate.config.ConfigDiff;
import net.vgate.config.ConfigProblem;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.config.Effect;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.PlanReport;
import net.vgate.observe.ReloadReport;
import net.vgate.observe.StatusReport;

/**
 * Reads the configuration file anew and puts it to use, whole or not at all.
 *
 * <p><b>Threading.</b> Any thread but the conductor's; one reload at a time.
 */
public final class Reloading {
    private static final long PATIENCE_SECONDS = 30;

    private final Path file;
    private final Conductor conductor;
    private final EventLog log;

    public Reloading(Path file, Conductor conductor, EventLog log) {
        this.file = file;
        this.conductor = conductor;
        this.log = log;
    }

    /** Reloads. What is wrong is in the report; then the configuration that was in force still is. */
    public synchronized ReloadReport reload() {
        ConfigResult result = ConfigReader.read(file, CompiledPolicy::compile);
        GatewayConfig before = conductor.ask(conductor::config);
        ReloadReport report = result.config()
                .map(next -> apply(before, next))
                .orElseGet(() -> refused(
                        result.problems().stream().map(ConfigProblem::toString).toList()));
        conductor.tell(
                () -> conductor.reloaded(new StatusReport.Reload(Instant.now(), report.applied(), report.problems())));
        if (report.applied()) {
            log.report(new Event.ReloadApplied(
                    file.toString(), report.generation(), report.changes().size()));
        }
        report.problems().forEach(problem -> log.report(new Event.ReloadRefused(file.toString(), problem)));
        return report;
    }

    /** What a reload would do now, as the file is; changes nothing. */
    public PlanReport plan() {
        ConfigResult result = ConfigReader.read(file, CompiledPolicy::compile);
        return result.config()
                .map(next -> new PlanReport(
                        ConfigDiff.between(conductor.ask(conductor::config), next)
                                .changes(),
                        List.of()))
                .orElseGet(() -> new PlanReport(
                        List.of(),
                        result.problems().stream().map(ConfigProblem::toString).toList()));
    }

    private ReloadReport apply(GatewayConfig before, GatewayConfig next) {
        ConfigDiff diff = ConfigDiff.between(before, next);
        List<String> restart = diff.changes().stream()
                .filter(change -> change.effect() == Effect.RESTART)
                .map(change -> file + ": " + line(change) + ": only a restart takes this over; restart the gateway"
                        + " or undo the change")
                .toList();
        if (!restart.isEmpty()) {
            return refused(restart);
        }
        CompletableFuture<Long> done = new CompletableFuture<>();
        conductor.obeyLater(new Command.Reload(next, done));
        try {
            long generation = done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return new ReloadReport(
                    true,
                    generation,
                    diff.changes().stream().map(Reloading::line).toList(),
                    List.of());
        } catch (ExecutionException failed) {
            return refused(List.of(
                    String.valueOf(Objects.requireNonNull(failed.getCause()).getMessage())));
        } catch (TimeoutException late) {
            return refused(List.of("the conductor does not answer"));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return refused(List.of("the gateway is stopping"));
        }
    }

    private ReloadReport refused(List<String> problems) {
        return new ReloadReport(
                false, conductor.ask(() -> conductor.attachments().generation()), List.of(), problems);
    }

    private static String line(ConfigDiff.Change change) {
        String what = change.subject() + (change.key().isEmpty() ? "" : " " + change.key());
        return switch (change.kind()) {
            case ADDED -> what + ": added " + change.after();
            case REMOVED -> what + ": removed " + change.before();
            case CHANGED -> what + ": " + change.before() + " -> " + change.after();
        };
    }
}
