package net.vgate.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * One line an event. For the journal, which knows the time by itself, with the priority that sd-daemon(3) describes;
 * for everybody else with time and level.
 */
final class LogEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final int MAX_FRAMES = 12;

    private final boolean toJournal;

    LogEncoder(boolean toJournal) {
        this.toJournal = toJournal;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = event.getLoggerName().equals(EventLog.LOGGER) ? event.getFormattedMessage() : lineOf(event);
        return (prefix(event) + line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte @Nullable [] headerBytes() {
        return null;
    }

    @Override
    public byte @Nullable [] footerBytes() {
        return null;
    }

    private String prefix(ILoggingEvent event) {
        if (toJournal) {
            return "<" + priority(event.getLevel()) + ">";
        }
        return TIME.format(Instant.ofEpochMilli(event.getTimeStamp())) + " " + event.getLevel() + " ";
    }

    private static int priority(Level level) {
        if (level.isGreaterOrEqual(Level.ERROR)) {
            return Event.Severity.ERROR.priority();
        }
        if (level.isGreaterOrEqual(Level.WARN)) {
            return Event.Severity.WARNING.priority();
        }
        return level.isGreaterOrEqual(Level.INFO) ? Event.Severity.INFO.priority() : 7;
    }

    /** What a library says, or a fault of the program. */
    private static String lineOf(ILoggingEvent event) {
        LogLine line = new LogLine()
                .add("event", "log")
                .add("logger", event.getLoggerName())
                .add("message", event.getFormattedMessage());
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.add("error", chain(thrown)).add("at", frames(thrown));
        }
        return line.toString();
    }

    private static String chain(IThrowableProxy thrown) {
        StringBuilder text = new StringBuilder();
        IThrowableProxy next = thrown;
        for (int depth = 0; next != null && depth < 5; depth++, next = next.getCause()) {
            text.append(depth == 0 ? "" : ", caused by ").append(next.getClassName());
            text.append(next.getMessage() == null ? "" : ": " + next.getMessage());
        }
        return text.toString();
    }

    private static String frames(IThrowableProxy thrown) {
        StringBuilder text = new StringBuilder();
        StackTraceElementProxy[] frames = thrown.getStackTraceElementProxyArray();
        for (int i = 0; i < frames.length && i < MAX_FRAMES; i++) {
            StackTraceElement frame = frames[i].getStackTraceElement();
            text.append(i == 0 ? "" : " < ")
                    .append(frame.getClassName())
                    .append('.')
                    .append(frame.getMethodName())
                    .append(':')
                    .append(frame.getLineNumber());
        }
        return text.toString();
    }
}
