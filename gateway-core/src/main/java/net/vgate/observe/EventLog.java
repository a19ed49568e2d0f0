package net.vgate.observe;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs {@link Event}s, one line each, and not the same over and over: of one kind about one thing five lines a minute,
 * then a count of the others.
 *
 * <p><b>Threading.</b> Any thread but those of the data path, which log nothing.
 */
public final class EventLog {
    /** The logger whose messages are whole lines already. */
    static final String LOGGER = "net.vgate";

    private static final Duration WINDOW = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    private final LongSupplier nanoTime;
    private final RepeatLimit limit = new RepeatLimit(5, WINDOW, 1_000);

    /** @param nanoTime as {@link System#nanoTime} */
    public EventLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Logs one event, unless there were too many like it. */
    public synchronized void report(Event event) {
        LogLine line = LogLine.of(event);
        RepeatLimit.Subject subject = new RepeatLimit.Subject(event.getClass().getSimpleName(), event.about());
        long suppressed = limit.admit(subject, nanoTime.getAsLong());
        if (suppressed != RepeatLimit.SUPPRESSED) {
            write(event, suppressed == 0 ? line : line.add("suppressed", suppressed));
        }
    }

    /** Says what was suppressed a minute ago or before, where nothing followed; to be called now and then. */
    public synchronized void reportSuppressed() {
        reportSuppressed(nanoTime.getAsLong());
    }

    /** Says what was suppressed until now; for the end. */
    public synchronized void reportAllSuppressed() {
        reportSuppressed(nanoTime.getAsLong() + WINDOW.toNanos());
    }

    private void reportSuppressed(long endedBefore) {
        for (RepeatLimit.Repeats repeats : limit.takeEnded(endedBefore)) {
            Event event = new Event.RepeatsSuppressed(
                    LogLine.snakeCase(repeats.subject().kind()),
                    repeats.subject().about(),
                    repeats.suppressed());
            write(event, LogLine.of(event));
        }
    }

    private static void write(Event event, LogLine line) {
        Level level = switch (event.severity()) {
            case ERROR -> Level.ERROR;
            case WARNING -> Level.WARN;
            case INFO -> Level.INFO;
        };
        LOG.atLevel(level).log(line.toString());
    }
}
