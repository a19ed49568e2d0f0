package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class EventLogTest {
    private static final Event REFUSED = new Event.HandshakeRefused("192.0.2.9:4433", "unknown authority");

    private final Logger logger = (Logger) LoggerFactory.getLogger(EventLog.LOGGER);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong now = new AtomicLong();
    private final EventLog log = new EventLog(now::get);

    @BeforeEach
    void listen() {
        lines.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void writesALineForEachEvent() {
        log.report(new Event.GatewayStopping("SIGTERM"));
        log.report(REFUSED);
        assertEquals(
                List.of(
                        "event=gateway_stopping why=SIGTERM",
                        "event=handshake_refused remote=192.0.2.9:4433 reason=\"unknown authority\""),
                messages());
        assertEquals(
                List.of(Level.INFO, Level.WARN),
                lines.list.stream().map(ILoggingEvent::getLevel).toList());
    }

    @Test
    void countsWhatItDoesNotRepeat() {
        for (int i = 0; i < 100; i++) {
            log.report(REFUSED);
        }
        assertEquals(5, lines.list.size());
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        log.report(REFUSED);
        assertTrue(messages().get(5).endsWith(" suppressed=95"), messages()::toString);
    }

    @Test
    void saysWhatItDidNotRepeatWhenNothingFollows() {
        for (int i = 0; i < 7; i++) {
            log.report(REFUSED);
        }
        log.reportSuppressed();
        assertEquals(5, lines.list.size());
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        log.reportSuppressed();
        assertEquals(
                "event=repeats_suppressed of=handshake_refused about=\"\" suppressed=2",
                messages().get(5));
    }

    @Test
    void givesTheJournalItsPriorities() {
        assertEquals("<6>event=x\n", encoded(true, EventLog.LOGGER, Level.INFO, "event=x", null));
        assertEquals("<4>event=x\n", encoded(true, EventLog.LOGGER, Level.WARN, "event=x", null));
        assertEquals("<3>event=x\n", encoded(true, EventLog.LOGGER, Level.ERROR, "event=x", null));
        assertEquals(
                "<3>event=log logger=io.netty.x message=\"it broke\"\n",
                encoded(true, "io.netty.x", Level.ERROR, "it broke", null));
    }

    @Test
    void givesOthersTimeAndLevel() {
        assertEquals(
                "2026-11-22T12:00:00.250Z WARN event=x\n",
                encoded(false, EventLog.LOGGER, Level.WARN, "event=x", null));
    }

    @Test
    void tellsAFaultInOneLine() {
        Exception fault = new UncheckedIOException("two\nlines", new IOException("disk"));
        String line = encoded(false, "net.vgate.http.Connection", Level.ERROR, "GET / failed", fault);
        assertTrue(
                line.startsWith("2026-11-22T12:00:00.250Z ERROR event=log logger=net.vgate.http.Connection"
                        + " message=\"GET / failed\" error=\"java.io.UncheckedIOException: two\\nlines,"
                        + " caused by java.io.IOException: disk\" at=\"net.vgate.observe.EventLogTest."),
                line);
        assertEquals(line.length() - 1, line.indexOf('\n'));
    }

    @Test
    void knowsTheJournalByItsInode(@TempDir Path folder) throws IOException {
        Path stream = Files.createFile(folder.resolve("stream"));
        String its = Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino");
        assertTrue(LogConfigurator.isJournal(its, stream));
        assertFalse(LogConfigurator.isJournal(its + "1", stream));
        assertFalse(LogConfigurator.isJournal(its, folder.resolve("none")));
        assertFalse(LogConfigurator.isJournal(null, stream));
    }

    @Test
    void isWhatLogbackStartsWith() {
        // Under test a file is named to Logback, which goes first.
        assertTrue(ServiceLoader.load(Configurator.class).stream()
                .anyMatch(provider -> provider.type() == LogConfigurator.class));
        LoggerContext context = new LoggerContext();
        LogConfigurator configurator = new LogConfigurator();
        configurator.configure(context);
        assertFalse(context.getLogger("io.netty").isInfoEnabled());
        assertTrue(context.getLogger("net.vgate.any").isInfoEnabled());
        context.stop();
    }

    private List<String> messages() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static String encoded(
            boolean toJournal, String loggerName, Level level, String message, @Nullable Throwable thrown) {
        Logger logger = (Logger) LoggerFactory.getLogger(loggerName);
        LoggingEvent event = new LoggingEvent("here", logger, level, message, thrown, null);
        event.setInstant(SampleReports.NOW.plusMillis(250));
        return new String(new LogEncoder(toJournal).encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void atTheEndSaysWhatItLeftOutUpToThen() {
        for (int i = 0; i < 8; i++) {
            log.report(REFUSED);
        }
        lines.list.clear();
        log.reportSuppressed();
        assertEquals(List.of(), messages());
        log.reportAllSuppressed();
        assertEquals(List.of("event=repeats_suppressed of=handshake_refused about=\"\" suppressed=3"), messages());
    }
}
