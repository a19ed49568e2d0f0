package net.vgate.config;

import java.util.regex.Pattern;

/**
 * What is shown of a line of a file.
 *
 * @param text as it may stand on a terminal, without indentation; may be empty
 * @param caret where the place in question is, from 0
 */
record Excerpt(String text, int caret) {
    static final Excerpt NONE = new Excerpt("", 0);

    private static final int LENGTH = 100;

    /** Nobody looks further along a line, and there may be a problem with each of many words there. */
    private static final int LAST_COLUMN = 2_000;

    private static final Pattern SECRET = Pattern.compile("(?i)(pass\\w*|secret\\w*|psk|token\\w*)([\"']?\\s*:\\s*).*");

    /**
     * From the surroundings of {@code column}, from 1, in {@code line}.
     *
     * @param until the last column to show
     */
    static Excerpt of(String line, int column, int until) {
        if (column < 1 || column > LAST_COLUMN) {
            return NONE;
        }
        int[] all = line.substring(0, Math.min(line.length(), 2 * (LAST_COLUMN + LENGTH)))
                .codePoints()
                .toArray();
        int at = Math.min(column - 1, all.length);
        int from = all.length <= LENGTH ? 0 : Math.max(0, at - LENGTH * 2 / 3);
        while (from < at && Character.isWhitespace(all[from])) {
            from++;
        }
        int end = Math.min(Math.min(all.length, until), from + LENGTH);
        if (from >= end) {
            return NONE;
        }
        String shown = SECRET.matcher(new String(all, from, end - from)).replaceAll("$1$2***");
        return new Excerpt(Quote.printable(shown).stripTrailing(), at - from);
    }
}
