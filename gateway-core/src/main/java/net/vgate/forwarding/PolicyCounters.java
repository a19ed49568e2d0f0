package net.vgate.forwarding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.vgate.config.GatewayConfig.PolicyRule;
import org.jspecify.annotations.Nullable;

/**
 * How often each rule of a V-net's policy decided, and when last; and the same of what no rule permits, which is
 * denied.
 *
 * <p>Rules that stay go on with their counts when others change, wherever they stand then. Some 36 bytes for each rule
 * and worker.
 *
 * <p><b>Threading.</b> Each worker counts by itself, without locks or garbage; any thread reads the sums. Readers see
 * no count fall, and may see it a moment late.
 */
public final class PolicyCounters {
    /** Counters of nothing, by nobody. */
    static final PolicyCounters NONE = new PolicyCounters(List.of(), new Cell[0][]);

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<PolicyRule> rules;

    /** Of each worker: its cell of each rule, and behind them those of what is denied, outbound and inbound. */
    private final Cell[][] cellsByWorker;

    /**
     * A sum over all workers.
     *
     * @param last when it last rose, in whole seconds of the workers' clock; {@link #NEVER} if it never did
     */
    public record Tally(long count, long last) {
        /** It never rose. */
        public static final long NEVER = Long.MIN_VALUE;

        /** How many seconds before {@code nowNanos} it last rose; null if it never did. */
        public @Nullable Long secondsSince(long nowNanos) {
            return last == NEVER ? null : Math.max(0, second(nowNanos) - last);
        }
    }

    /** One worker's count of one rule, which the counters that follow take over. */
    private static final class Cell {
        private static final VarHandle COUNT = field("count");
        private static final VarHandle LAST = field("last");

        private long count;
        private long last = Tally.NEVER;

        void add(long amount, long second) {
            COUNT.setOpaque(this, count + amount);
            if (last != second) {
                LAST.setOpaque(this, second);
            }
        }

        Tally plus(Tally others) {
            return new Tally(others.count() + (long) COUNT.getOpaque(this), Math.max(others.last(), (long)
                    LAST.getOpaque(this)));
        }

        private static VarHandle field(String name) {
            try {
                return MethodHandles.lookup().findVarHandle(Cell.class, name, long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    private PolicyCounters(List<PolicyRule> rules, Cell[][] cellsByWorker) {
        this.rules = rules;
        this.cellsByWorker = cellsByWorker;
    }

    /**
     * Counters of {@code rules}; {@code previous} itself if it has the same.
     *
     * @param previous what the V-net counted by until now; its workers may still do so, and nothing of it is lost
     */
    static PolicyCounters following(PolicyCounters previous, List<PolicyRule> rules, int workers) {
        if (previous.cellsByWorker.length == workers && previous.rules.equals(rules)) {
            return previous;
        }
        int[] places = previous.placesOf(rules);
        Cell[][] cells = new Cell[workers][places.length];
        for (int worker = 0; worker < workers; worker++) {
            boolean isKnown = worker < previous.cellsByWorker.length;
            for (int at = 0; at < places.length; at++) {
                cells[worker][at] =
                        isKnown && places[at] >= 0 ? previous.cellsByWorker[worker][places[at]] : new Cell();
            }
        }
        return new PolicyCounters(List.copyOf(rules), cells);
    }

    /** For each cell of counters of {@code next}, the one of ours with which it goes on; negative is none. */
    private int[] placesOf(List<PolicyRule> next) {
        Map<PolicyRule, Integer> known = new HashMap<>();
        for (int rule = 0; rule < rules.size(); rule++) {
            known.putIfAbsent(rules.get(rule), rule);
        }
        int[] places = new int[next.size() + 2];
        for (int rule = 0; rule < next.size(); rule++) {
            // Of rules that say the same only the first can decide; the others' counts stay at nothing.
            Integer place = known.remove(next.get(rule));
            places[rule] = place == null ? -1 : place;
        }
        places[next.size()] = deniedAt(true);
        places[next.size() + 1] = deniedAt(false);
        return places;
    }

    private int deniedAt(boolean outbound) {
        return outbound ? rules.size() : rules.size() + 1;
    }

    /** Counts what the rule at {@code rule} permitted; by the worker with that number. */
    public void countPermitted(int worker, int rule, int amount, long nowNanos) {
        cellsByWorker[worker][rule].add(amount, second(nowNanos));
    }

    /** Counts packets that no rule permits; by the worker with that number. */
    public void countDenied(int worker, boolean outbound, int packets, long nowNanos) {
        cellsByWorker[worker][deniedAt(outbound)].add(packets, second(nowNanos));
    }

    /** What the rule at {@code rule} has permitted. */
    public Tally permitted(int rule) {
        return sum(rule);
    }

    /** Packets of one direction that no rule permits. */
    public Tally denied(boolean outbound) {
        return sum(deniedAt(outbound));
    }

    private Tally sum(int at) {
        Tally sum = new Tally(0, Tally.NEVER);
        for (Cell[] cells : cellsByWorker) {
            sum = cells[at].plus(sum);
        }
        return sum;
    }

    private static long second(long nanos) {
        return Math.floorDiv(nanos, NANOS_PER_SECOND);
    }
}
