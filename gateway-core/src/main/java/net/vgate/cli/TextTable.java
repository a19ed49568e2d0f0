package net.vgate.cli;

import java.util.ArrayList;
import java.util.List;

/** A table that lines up, for a terminal: numbers to the right, all else to the left, two spaces between. */
public final class TextTable {
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param header the columns' titles, as they are printed */
    public TextTable(String... header) {
        this.header = List.of(header);
    }

    /** Adds a row of as many cells as there are columns. */
    public TextTable row(Object... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException(cells.length + " cells in a row of " + header.size());
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell.toString());
        }
        rows.add(row);
        return this;
    }

    /** Whether there are no rows. */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The lines, the header first, each ended by a line feed and without spaces before it. */
    @Override
    public String toString() {
        int[] widths = new int[header.size()];
        boolean[] numeric = new boolean[header.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(i);
            numeric[i] = isNumeric(i);
        }
        StringBuilder text = new StringBuilder();
        append(text, header, widths, numeric);
        rows.forEach(row -> append(text, row, widths, numeric));
        return text.toString();
    }

    private static void append(StringBuilder text, List<String> row, int[] widths, boolean[] numeric) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String padding = " ".repeat(widths[i] - length(row.get(i)));
            line.append(i == 0 ? "" : "  ");
            line.append(numeric[i] ? padding + row.get(i) : row.get(i) + padding);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        int widest = length(header.get(column));
        for (List<String> row : rows) {
            widest = Math.max(widest, length(row.get(column)));
        }
        return widest;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream()
                        .allMatch(
                                row -> row.get(column).matches("-|[-+]?[0-9][0-9,]*(\\.[0-9]+)?( ?[a-zA-Z%/]{0,6})?"));
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
