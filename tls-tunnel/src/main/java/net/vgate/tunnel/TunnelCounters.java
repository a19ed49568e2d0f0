package net.vgate.tunnel;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Counts of one tunnel's life cycle. The Conductor adds, anyone reads. They outlive associations and machines. */
public final class TunnelCounters {
    private final Map<TunnelCounter, AtomicLong> counts = new EnumMap<>(TunnelCounter.class);

    TunnelCounters() {
        for (TunnelCounter counter : TunnelCounter.values()) {
            counts.put(counter, new AtomicLong());
        }
    }

    /** The count so far. */
    public long get(TunnelCounter counter) {
        return of(counter).get();
    }

    void add(TunnelCounter counter) {
        of(counter).incrementAndGet();
    }

    private AtomicLong of(TunnelCounter counter) {
        return Objects.requireNonNull(counts.get(counter));
    }
}
