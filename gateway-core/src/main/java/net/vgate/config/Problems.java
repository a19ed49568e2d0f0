package net.vgate.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects the problems of one file, and cuts their excerpts from its text. */
final class Problems {
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

    private final Path file;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private String text = "";
    private String @Nullable [] lines;

    Problems(Path file) {
        this.file = file;
    }

    /** From now on problems have excerpts of {@code text}, unless someone has pasted a key into it. */
    void quoteFrom(String source) {
        text = source;
        lines = null;
    }

    /** Not split before there is something to show: most files are right, and some are large. */
    private String[] lines() {
        if (lines == null) {
            lines = text.isEmpty() || text.contains("PRIVATE KEY") ? new String[0] : LINE_END.split(text, -1);
        }
        return lines;
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
        boolean isInFile = spot.line() > 0 && spot.line() <= lines().length;
        Excerpt excerpt = isInFile ? Excerpt.of(lines()[spot.line() - 1], spot.column(), shownUntil) : Excerpt.NONE;
        problems.add(new ConfigProblem(
                severity,
                file,
                spot.line(),
                spot.column(),
                spot.key(),
                found,
                advice,
                excerpt.text(),
                excerpt.caret()));
    }
}
