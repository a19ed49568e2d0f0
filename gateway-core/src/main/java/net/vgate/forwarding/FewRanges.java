package net.vgate.forwarding;

import java.util.function.Consumer;

/** A few ranges, looked through one by one. */
final class FewRanges extends AddressRanges {
    /** No ranges. */
    static final FewRanges NONE = new FewRanges(0, starts -> {});

    /** Pairs of upper and lower half. */
    private final long[] starts;

    private final int[] answers;

    /** @param sweep tells what it is given {@code count} starts */
    FewRanges(int count, Consumer<RangeSweep.Starts> sweep) {
        starts = new long[2 * count];
        answers = new int[count];
        int[] filled = {0};
        sweep.accept((hi, lo, answer) -> {
            int at = filled[0]++;
            starts[2 * at] = hi;
            starts[2 * at + 1] = lo;
            answers[at] = answer;
        });
    }

    @Override
    int lookup(long hi, long lo) {
        for (int range = answers.length - 1; range >= 0; range--) {
            if (!isLess(hi, lo, starts[2 * range], starts[2 * range + 1])) {
                return answers[range];
            }
        }
        return PrefixTable.NONE;
    }

    @Override
    long bytes() {
        return 0;
    }
}
