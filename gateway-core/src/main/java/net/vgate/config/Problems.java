package net.vgate.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Collects the problems of one file, and cuts their excerpts from its text. */
final class Problems {
    private static final int EXCERPT_LENGTH = 100;
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
    private static final Pattern SECRET = Pattern.compile("(?i)(pass\\w*|secret\\w*|psk|token\\w*)([\"']?\\s*:\\s*).*");

    private final Path file;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private String[] lines = {};

    Problems(Path file) {
        this.file = file;
    }

    /** From now on problems have excerpts of {@code text}, unless someone has pasted a key into it. */
    void quoteFrom(String text) {
        lines = text.contains("PRIVATE KEY") ? new String[0] : LINE_END.split(text, -1);
    }

    void error(Spot spot, String found, String advice) {
        add(ConfigProblem.Severity.ERROR, spot, found, advice, Integer.MAX_VALUE);
    }

    void warning(Spot spot, String found, String advice) {
        add(ConfigProblem.Severity.WARNING, spot, found, advice, Integer.MAX_VALUE);
    }

    /** An error at a word of {@code length}, behind which the line may hold what is not for everybody's eyes. */
    void errorAtWord(Spot spot, int length, String found, String advice) {
        add(ConfigProblem.Severity.ERROR, spot, found, advice, spot.column() - 1 + length);
    }

    boolean hasErrors() {
        return problems.stream().anyMatch(ConfigProblem::isError);
    }

    /** All so far, in the order of the file. */
    List<ConfigProblem> sorted() {
        return problems.stream().sorted(ConfigProblem.BY_PLACE).distinct().toList();
    }

    private void add(ConfigProblem.Severity severity, Spot spot, String found, String advice, int shownUntil) {
        String line = spot.line() > 0 && spot.line() <= lines.length ? lines[spot.line() - 1] : "";
        // Columns count characters, of which a few take two places of a string.
        int at = line.offsetByCodePoints(
                0, Math.min(Math.max(0, spot.column() - 1), line.codePointCount(0, line.length())));
        int from = line.length() <= EXCERPT_LENGTH ? 0 : Math.max(0, at - EXCERPT_LENGTH * 2 / 3);
        int indent = line.isBlank() ? 0 : line.length() - line.stripLeading().length();
        from = Math.max(from, Math.min(indent, at));
        while (from < at && Character.isWhitespace(line.charAt(from))) {
            from++;
        }
        int until = Math.min(Math.min(line.length(), shownUntil), from + EXCERPT_LENGTH);
        String excerpt =
                from < until ? SECRET.matcher(line.substring(from, until)).replaceAll("$1$2***") : "";
        problems.add(new ConfigProblem(
                severity,
                file,
                spot.line(),
                spot.column(),
                spot.key(),
                found,
                advice,
                Quote.printable(excerpt).stripTrailing(),
                excerpt.isEmpty() ? 0 : excerpt.codePointCount(0, Math.min(at - from, excerpt.length()))));
    }
}
