package net.vgate.config;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

/** Says in a person's words what the YAML parser has against a file. */
final class YamlFault {
    private YamlFault() {}

    static void report(MarkedYamlEngineException fault, Problems problems) {
        Spot spot = fault.getProblemMark()
                .or(fault::getContextMark)
                .map(YamlTree::spot)
                .orElse(Spot.FILE);
        String problem = oneLine(fault.getProblem());
        if (problem.contains("(TAB)") || problem.contains("\\t")) {
            problems.error(spot, "a tab cannot begin a value or indent a line", "indent with spaces");
        } else if (problem.contains("mapping values are not allowed")) {
            problems.error(
                    spot,
                    "a colon is not allowed here",
                    "is the line above indented as this one should be, or a quote missing?");
        } else if (problem.contains("expected <block end>")) {
            problems.error(
                    spot, "this line is indented unlike those above it", "keys of one group begin in one column");
        } else if (problem.contains("expected ',' or '}'")) {
            problems.error(spot, "a comma or } is missing before this" + since(fault), "");
        } else if (problem.contains("expected ',' or ']'")) {
            problems.error(spot, "a comma or ] is missing before this" + since(fault), "");
        } else if (problem.contains("could not find expected ':'")) {
            problems.error(spot, "a key without a colon" + since(fault), "write key: value");
        } else {
            problems.error(spot, "is not YAML: " + problem + since(fault), "");
        }
    }

    static void report(ReaderException fault, String text, Problems problems) {
        int at = Math.min(Math.max(fault.getPosition(), 0), text.length());
        String before = text.substring(0, at);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = at - (before.lastIndexOf('\n') + 1) + 1;
        problems.error(
                new Spot(line, column, ""),
                "a character that is not allowed in YAML: U+%04X".formatted(fault.getCodePoint()),
                "remove it");
    }

    static String oneLine(@Nullable String message) {
        return message == null
                ? ""
                : Quote.printable(message.replaceAll("\\s+", " ").strip());
    }

    private static String since(MarkedYamlEngineException fault) {
        return fault.getContextMark()
                .filter(context -> fault.getProblemMark().isPresent()
                        && context.getLine() != fault.getProblemMark().get().getLine())
                .map(context -> ", begun in line " + (context.getLine() + 1))
                .orElse("");
    }
}
