package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class HousekeepingTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String OWN = "vgate://east/east-1";
    private static final String PEER = "vgate://west/west-1";

    private final Logger logger = (Logger) LoggerFactory.getLogger("net.vgate");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Map<String, Instant> certificates = new LinkedHashMap<>();
    private final Map<String, Instant> lists = new LinkedHashMap<>();
    private Duration passed = Duration.ZERO;
    private final EventLog log = new EventLog(() -> passed.toNanos());
    private final Housekeeping housekeeping =
            new Housekeeping(log, () -> certificates, () -> lists, () -> BEGIN.plus(passed));

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

    private List<String> after(Duration time) {
        passed = passed.plus(time);
        lines.list.clear();
        housekeeping.tick(passed.toNanos());
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static String expiring(String whose, Instant expires) {
        return "event=certificate_expiring whose=" + whose + " expires=" + expires;
    }

    @Test
    void saysOnceThatARevocationListIsOverdueAndAgainOfTheNextOne() {
        lists.put("CN=ca", BEGIN.plus(Duration.ofHours(1)));
        assertEquals(List.of(), after(Duration.ofHours(1)));
        assertEquals(1, after(Duration.ofSeconds(20)).size());
        assertEquals(List.of(), after(Duration.ofDays(1)));
        lists.put("CN=ca", BEGIN.plus(Duration.ofDays(2)));
        assertEquals(List.of(), after(Duration.ofSeconds(20)));
        List<String> said = after(Duration.ofDays(2));
        assertEquals(1, said.size());
        assertTrue(said.get(0).startsWith("event=revocation_list_overdue authority="), said::toString);
    }

    @Test
    void saysOnceAtEachThresholdThatACertificateExpires() {
        Instant expires = BEGIN.plus(Duration.ofDays(31));
        certificates.put(OWN, expires);
        assertEquals(List.of(), after(Duration.ZERO));
        int[] days = new int[32];
        for (int hour = 1; hour <= 32 * 24; hour++) {
            days[(hour - 1) / 24] += after(Duration.ofHours(1)).size();
        }
        // 30, 14, 7, 3 and 1 days before, and when it has expired.
        for (int day = 0; day < days.length; day++) {
            boolean isDue = List.of(1, 17, 24, 28, 30, 31).contains(day + 1);
            assertEquals(isDue ? 1 : 0, days[day], "lines in day " + (day + 1));
        }
    }

    @Test
    void saysAtOnceWhatIsLateAlreadyAndNotEachThresholdBefore() {
        Instant expires = BEGIN.plus(Duration.ofDays(2));
        certificates.put(OWN, BEGIN.plus(Duration.ofDays(800)));
        assertEquals(List.of(), after(Duration.ZERO));
        certificates.put(PEER, expires);
        assertEquals(List.of(expiring(PEER, expires)), after(Duration.ofSeconds(10)));
        assertEquals(List.of(), after(Duration.ofHours(1)));
    }

    @Test
    void beginsAnewWithARenewedCertificate() {
        certificates.put(PEER, BEGIN.plus(Duration.ofHours(1)));
        after(Duration.ZERO);
        Instant renewed = BEGIN.plus(Duration.ofHours(2));
        certificates.put(PEER, renewed);
        assertEquals(List.of(expiring(PEER, renewed)), after(Duration.ofSeconds(10)));
        certificates.put(PEER, BEGIN.plus(Duration.ofDays(400)));
        assertEquals(List.of(), after(Duration.ofSeconds(10)));
    }

    @Test
    void aTunnelThatIsDownForAWhileIsNoReasonToSayItAgain() {
        certificates.put(PEER, BEGIN.plus(Duration.ofDays(2)));
        after(Duration.ZERO);
        Instant expires = certificates.remove(PEER);
        after(Duration.ofSeconds(10));
        certificates.put(PEER, expires);
        assertEquals(List.of(), after(Duration.ofSeconds(10)));
    }

    @Test
    void saysWhatWasLeftOutOfTheLogThoughNothingFollows() {
        after(Duration.ZERO);
        for (int i = 0; i < 12; i++) {
            log.report(new Event.HandshakeRefused("192.0.2.1:1", "timeout"));
        }
        assertEquals(List.of(), after(Duration.ofSeconds(30)));
        assertEquals(
                List.of("event=repeats_suppressed of=handshake_refused about=\"\" suppressed=7"),
                after(Duration.ofSeconds(31)));
        assertEquals(List.of(), after(Duration.ofMinutes(5)));
    }

    @Test
    void looksEveryTenSecondsOnly() {
        after(Duration.ZERO);
        certificates.put(PEER, BEGIN);
        assertEquals(List.of(), after(Duration.ofSeconds(9)));
        assertEquals(List.of(expiring(PEER, BEGIN)), after(Duration.ofSeconds(1)));
    }
}
