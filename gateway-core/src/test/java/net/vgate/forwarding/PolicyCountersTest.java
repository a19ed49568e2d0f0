package net.vgate.forwarding;

import static net.vgate.forwarding.VnetFixture.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.forwarding.PolicyCounters.Tally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyCountersTest {
    private static final long SECOND = 1_000_000_000;
    private static final PolicyRule WEB = rule(Direction.OUT, 6, null, null, 443);
    private static final PolicyRule DNS = rule(Direction.IN, 17, null, null, 53);
    private static final PolicyRule PING = rule(Direction.IN, 1, null, null);

    @Test
    void workersAddUpAndTheLastOfThemIsTheLast() {
        PolicyCounters counters = PolicyCounters.following(PolicyCounters.NONE, List.of(WEB, DNS), 3);
        counters.countPermitted(0, 1, 1, 7 * SECOND);
        counters.countPermitted(2, 1, 4, 9 * SECOND - 1);
        counters.countPermitted(1, 1, 1, -SECOND);
        counters.countDenied(1, true, 5, 3 * SECOND);
        counters.countDenied(2, false, 6, 4 * SECOND);
        assertEquals(new Tally(6, 8), counters.permitted(1));
        assertEquals(new Tally(0, Tally.NEVER), counters.permitted(0));
        assertEquals(new Tally(5, 3), counters.denied(true));
        assertEquals(new Tally(6, 4), counters.denied(false));
    }

    /** The clock may begin anywhere, below zero as well. */
    @Test
    void theLastHitIsAsOldAsSecondsAreCounted() {
        PolicyCounters counters = PolicyCounters.following(PolicyCounters.NONE, List.of(WEB), 1);
        assertNull(counters.permitted(0).secondsSince(0));
        counters.countPermitted(0, 0, 1, -1);
        assertEquals(0, counters.permitted(0).secondsSince(-1));
        assertEquals(1, counters.permitted(0).secondsSince(0));
        assertEquals(0, counters.permitted(0).secondsSince(-5 * SECOND), "a worker was ahead of who reads");
        counters.countPermitted(0, 0, 1, 0);
        assertEquals(0, counters.permitted(0).secondsSince(SECOND - 1));
        assertEquals(3_600, counters.permitted(0).secondsSince(3_600 * SECOND));
    }

    @Test
    void rulesThatSayTheSameGoOnAndOthersBeginAnew() {
        PolicyCounters before = PolicyCounters.following(PolicyCounters.NONE, List.of(WEB, DNS), 2);
        before.countPermitted(1, 0, 3, SECOND);
        before.countPermitted(0, 1, 1, SECOND);
        before.countDenied(1, true, 8, SECOND);
        assertSame(before, PolicyCounters.following(before, List.of(WEB, DNS), 2));

        PolicyRule narrower = rule(Direction.IN, 17, "10.0.0.0/24", null, 53);
        PolicyCounters after = PolicyCounters.following(before, List.of(PING, narrower, WEB), 2);
        assertEquals(new Tally(0, Tally.NEVER), after.permitted(0));
        assertEquals(new Tally(0, Tally.NEVER), after.permitted(1));
        assertEquals(new Tally(3, 1), after.permitted(2));
        assertEquals(new Tally(8, 1), after.denied(true));

        before.countPermitted(1, 0, 1, 2 * SECOND);
        before.countDenied(0, false, 1, 2 * SECOND);
        assertEquals(new Tally(4, 2), after.permitted(2), "a worker that does not yet know of the new ones");
        assertEquals(new Tally(1, 2), after.denied(false));
    }

    @Test
    void ofTwoRulesThatSayTheSameTheFirstGoesOn() {
        PolicyCounters before = PolicyCounters.following(PolicyCounters.NONE, List.of(WEB, WEB), 1);
        before.countPermitted(0, 0, 3, SECOND);
        PolicyCounters after = PolicyCounters.following(before, List.of(DNS, WEB, WEB), 1);
        after.countPermitted(0, 1, 1, SECOND);
        assertEquals(4, after.permitted(1).count());
        assertEquals(0, after.permitted(2).count());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void reloadsKeepWhatABookOfEachRuleHas(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<PolicyRule, Long> book = new HashMap<>();
        PolicyCounters counters = PolicyCounters.NONE;
        for (int reload = 0; reload < 100; reload++) {
            List<PolicyRule> rules = someOf(List.of(WEB, DNS, PING, rule(Direction.OUT, 1, null, null)), random);
            counters = PolicyCounters.following(counters, rules, 2);
            book.keySet().retainAll(rules);
            for (int hit = random.nextInt(8); hit > 0 && !rules.isEmpty(); hit--) {
                int rule = random.nextInt(rules.size());
                counters.countPermitted(random.nextInt(2), rule, 1, reload * SECOND);
                book.merge(rules.get(rule), 1L, Long::sum);
            }
            for (int rule = 0; rule < rules.size(); rule++) {
                assertEquals(
                        book.getOrDefault(rules.get(rule), 0L),
                        counters.permitted(rule).count());
            }
        }
    }

    /** In any order. */
    private static List<PolicyRule> someOf(List<PolicyRule> rules, SplittableRandom random) {
        List<PolicyRule> some = new ArrayList<>();
        for (PolicyRule rule : rules) {
            if (random.nextInt(4) != 0) {
                some.add(random.nextInt(some.size() + 1), rule);
            }
        }
        return some;
    }

    @Test
    void countingAllocatesNothing() {
        PolicyCounters counters = PolicyCounters.following(PolicyCounters.NONE, List.of(WEB), 1);
        long[] now = {0};
        Allocation.assertNone(() -> {
            now[0] += SECOND / 2;
            counters.countPermitted(0, 0, 1, now[0]);
            counters.countDenied(0, true, 1, now[0]);
        });
    }
}
