package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import net.vgate.dataplane.Heartbeat;
import org.junit.jupiter.api.Test;

class HealthTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L); // wraps within the test
    private final Heartbeat worker = new Heartbeat("worker-0", now.get());

    private Optional<String> missing = Optional.of("device vg-blue is gone");

    private final Health health = new Health(
            List.of(HealthCheck.of(worker, Duration.ofSeconds(10), now::get)),
            List.of(new HealthCheck("devices", () -> missing)));

    @Test
    void livesWhileItsThreadsTurn() {
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        assertTrue(health.live().ok());
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertEquals(
                List.of(new Health.Result("worker-0", "no turn for 11 s")),
                health.live().checks());
        assertFalse(health.live().ok());
        worker.beat(now.get());
        assertTrue(health.live().ok());
    }

    @Test
    void isReadyWhenItLivesAndAllIsThere() {
        assertFalse(health.ready().ok());
        missing = Optional.empty();
        assertTrue(health.ready().ok());
        now.addAndGet(Duration.ofSeconds(11).toNanos());
        assertFalse(health.ready().ok());
    }
}
