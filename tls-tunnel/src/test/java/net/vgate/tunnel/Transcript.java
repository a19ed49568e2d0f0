package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened in a simulated run, as a mermaid sequence diagram: the last of it, for the message of a failed test.
 */
final class Transcript {
    private static final int LAST_LINES = 120;

    private final List<String> lines = new ArrayList<>();
    private final SimulatedClock clock;
    private final long start;

    Transcript(SimulatedClock clock) {
        this.clock = clock;
        this.start = clock.now();
    }

    void message(String from, String to, String text, boolean delivered) {
        lines.add(from + (delivered ? "->>" : "--x") + to + ": " + time() + " " + text);
    }

    void note(String at, String text) {
        lines.add("Note over " + at + ": " + time() + " " + text);
    }

    /** How many lines have {@code text}. */
    int count(String text) {
        return (int) lines.stream().filter(line -> line.contains(text)).count();
    }

    private String time() {
        return (clock.now() - start) / 1e6 + " ms";
    }

    @Override
    public String toString() {
        List<String> last = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
        return "sequenceDiagram\n  " + String.join("\n  ", last) + "\n";
    }
}
