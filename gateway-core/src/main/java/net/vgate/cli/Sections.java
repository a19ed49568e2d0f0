package net.vgate.cli;

import java.util.List;
import java.util.function.UnaryOperator;

/** What a verb prints for people: lines, and tables below their titles. */
final class Sections {
    private final Ink ink;
    private final StringBuilder text = new StringBuilder();

    Sections(Ink ink) {
        this.ink = ink;
    }

    Sections title(String line) {
        return line(line, ink::bold);
    }

    Sections line(String line) {
        return line(line, UnaryOperator.identity());
    }

    Sections line(String line, UnaryOperator<String> colour) {
        text.append(colour.apply(line)).append('\n');
        return this;
    }

    /**
     * A table, indented, below an empty line and its title; nothing when it has no rows.
     *
     * @param inks one for each row, or none
     */
    Sections table(String title, TextTable table, List<UnaryOperator<String>> inks) {
        if (table.isEmpty()) {
            return this;
        }
        text.append('\n');
        title(title);
        List<String> lines = table.toString().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            line("  " + lines.get(i), i == 0 || inks.isEmpty() ? UnaryOperator.identity() : inks.get(i - 1));
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
