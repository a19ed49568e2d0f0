package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.control.TargetWatch.Probe;
import net.vgate.control.TargetWatch.Target;
import net.vgate.packet.IpAddress;
import org.junit.jupiter.api.Test;

class TargetWatchTest {
    private static final Target FIRST =
            new Target(5_001, IpAddress.parse("100.64.2.10").orElseThrow());
    private static final Target SECOND =
            new Target(5_001, IpAddress.parse("100.64.2.11").orElseThrow());

    private final TargetWatch watch = new TargetWatch(new SplittableRandom(3));
    private long now = Duration.ofDays(2).toNanos();

    @Test
    void isNeverSilentWithoutTargets() {
        assertEquals(Long.MAX_VALUE, watch.wakeAt());
        assertEquals(List.of(), watch.due(now));
        assertFalse(watch.isSilent());
    }

    @Test
    void isSilentInLessThanTwoSecondsAndBackOnlyWhenItStays() {
        watch.adopt(List.of(FIRST), now);
        run(Duration.ofSeconds(10), List.of(FIRST));
        assertFalse(watch.isSilent());
        long died = now;
        while (!watch.isSilent()) {
            run(Duration.ofMillis(100), List.of());
        }
        long nanos = now - died;
        assertTrue(nanos >= Duration.ofMillis(1_200).toNanos()
                && nanos <= Duration.ofMillis(1_700).toNanos());

        for (int i = 0; i < 10; i++) {
            run(Duration.ofMillis(800), List.of(FIRST));
            run(Duration.ofMillis(400), List.of());
        }
        assertTrue(watch.isSilent(), "it comes and goes");
        run(Duration.ofSeconds(2), List.of(FIRST));
        assertFalse(watch.isSilent());
    }

    @Test
    void oneThatAnswersIsEnough() {
        watch.adopt(List.of(FIRST, SECOND), now);
        run(Duration.ofSeconds(10), List.of(SECOND));
        assertFalse(watch.isSilent());
        run(Duration.ofSeconds(3), List.of());
        assertTrue(watch.isSilent());
        run(Duration.ofSeconds(3), List.of(FIRST));
        assertFalse(watch.isSilent());
        watch.adopt(List.of(SECOND), now);
        run(Duration.ofSeconds(3), List.of(FIRST));
        assertTrue(watch.isSilent(), "that one is none of the targets any more");
    }

    @Test
    void onlyTheLastPingCanBeAnsweredAndOnlyOnce() {
        watch.adopt(List.of(FIRST), now);
        long early = watch.due(now).get(0).number();
        now = watch.wakeAt();
        long late = watch.due(now).get(0).number();
        assertFalse(watch.answered(early));
        assertFalse(watch.answered(late + 1));
        assertTrue(watch.answered(late));
        assertFalse(watch.answered(late));
    }

    @Test
    void aTunnelThatComesUpBeginsAnew() {
        watch.adopt(List.of(FIRST), now);
        run(Duration.ofSeconds(5), List.of());
        assertTrue(watch.isSilent());
        watch.begin(now);
        assertFalse(watch.isSilent());
        assertEquals(now, watch.wakeAt());
    }

    /** Lets time pass; {@code alive} answer at once. */
    private void run(Duration time, List<Target> alive) {
        long end = now + time.toNanos();
        while (watch.wakeAt() <= end) {
            now = Math.max(now, watch.wakeAt());
            for (Probe probe : new ArrayList<>(watch.due(now))) {
                if (alive.contains(probe.target())) {
                    assertTrue(watch.answered(probe.number()));
                }
            }
        }
        now = end;
    }
}
