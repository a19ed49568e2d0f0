package net.vgate.observe;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lets so many of a kind through in each window of time, and counts the others. Bounded in memory. */
final class RepeatLimit {
    /** What {@link #admit} returns for one that is not let through. */
    static final long SUPPRESSED = -1;

    private final int perWindow;
    private final long windowNanos;
    private final int maxKeys;
    private final Map<Subject, Window> windows = new LinkedHashMap<>(16, 0.75f, true);
    private final List<Repeats> evicted = new ArrayList<>();

    /** @param maxKeys of how many kinds it keeps count; beyond that the one not seen for longest is forgotten */
    RepeatLimit(int perWindow, Duration window, int maxKeys) {
        this.perWindow = perWindow;
        this.windowNanos = window.toNanos();
        this.maxKeys = maxKeys;
    }

    /** How many of its kind were suppressed before this one, or {@link #SUPPRESSED} when this one is, too. */
    long admit(Subject subject, long nowNanos) {
        Window window = windows.get(subject);
        if (window == null) {
            makeRoom();
            window = new Window(nowNanos);
            windows.put(subject, window);
        }
        long suppressedBefore = 0;
        if (nowNanos - window.startNanos >= windowNanos) {
            suppressedBefore = window.suppressed;
            window.restart(nowNanos);
        }
        if (window.admitted == perWindow) {
            window.suppressed++;
            return SUPPRESSED;
        }
        window.admitted++;
        return suppressedBefore;
    }

    /** What was suppressed in windows that are over, each once. */
    List<Repeats> takeEnded(long nowNanos) {
        List<Repeats> ended = new ArrayList<>(evicted);
        evicted.clear();
        for (Iterator<Map.Entry<Subject, Window>> all = windows.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Subject, Window> entry = all.next();
            if (nowNanos - entry.getValue().startNanos >= windowNanos) {
                if (entry.getValue().suppressed > 0) {
                    ended.add(new Repeats(entry.getKey(), entry.getValue().suppressed));
                }
                all.remove();
            }
        }
        return ended;
    }

    private void makeRoom() {
        if (windows.size() < maxKeys) {
            return;
        }
        Iterator<Map.Entry<Subject, Window>> all = windows.entrySet().iterator();
        Map.Entry<Subject, Window> eldest = all.next();
        if (eldest.getValue().suppressed > 0 && evicted.size() < maxKeys) {
            evicted.add(new Repeats(eldest.getKey(), eldest.getValue().suppressed));
        }
        all.remove();
    }

    /** A kind of line. */
    record Subject(String kind, String about) {}

    /** How many of a kind were suppressed. */
    record Repeats(Subject subject, long suppressed) {}

    private static final class Window {
        private long startNanos;
        private int admitted;
        private long suppressed;

        Window(long startNanos) {
            this.startNanos = startNanos;
        }

        void restart(long nowNanos) {
            startNanos = nowNanos;
            admitted = 0;
            suppressed = 0;
        }
    }
}
