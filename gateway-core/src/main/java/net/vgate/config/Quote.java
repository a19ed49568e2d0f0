package net.vgate.config;

/** What was written in a file, as it may be shown on a terminal. */
final class Quote {
    private static final int MAX_SHOWN = 60;

    private Quote() {}

    /** {@code text} in quotes, cut when it is long. */
    static String of(String text) {
        if (text.contains("-----BEGIN")) {
            return "a pasted key or certificate";
        }
        boolean isLong = text.codePointCount(0, text.length()) > MAX_SHOWN;
        String shown = isLong ? text.substring(0, text.offsetByCodePoints(0, MAX_SHOWN)) + "..." : text;
        return '"' + printable(shown) + '"';
    }

    /** {@code text} with a question mark for each character that could move a terminal's cursor. */
    static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> shown.appendCodePoint(c == '\t' ? ' ' : isPrintable(c) ? c : '?'));
        return shown.toString();
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
