package net.vgate.observe;

import java.lang.reflect.RecordComponent;
import java.util.Locale;

/** A line of {@code key=value} pairs (logfmt). Whatever is in a value, it stays one line, and its value's. */
final class LogLine {
    /** Longer values are cut: nobody else decides how much we log. */
    private static final int MAX_VALUE_CHARS = 1_000;

    private final StringBuilder text = new StringBuilder(200);

    static LogLine of(Event event) {
        LogLine line = new LogLine().add("event", snakeCase(event.getClass().getSimpleName()));
        for (RecordComponent component : event.getClass().getRecordComponents()) {
            line.add(snakeCase(component.getName()), valueOf(component, event));
        }
        return line;
    }

    LogLine add(String key, Object value) {
        if (!text.isEmpty()) {
            text.append(' ');
        }
        text.append(key).append('=');
        String whole = String.valueOf(value);
        String bounded = whole.length() <= MAX_VALUE_CHARS ? whole : whole.substring(0, MAX_VALUE_CHARS) + "...";
        if (needsQuotes(bounded)) {
            appendQuoted(bounded);
        } else {
            text.append(bounded);
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** {@code TunnelUp} is {@code tunnel_up}. */
    static String snakeCase(String name) {
        return name.replaceAll("(?<=[a-z0-9])([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Object valueOf(RecordComponent component, Event event) {
        try {
            return component.getAccessor().invoke(event);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the components of events are public", e);
        }
    }

    private static boolean needsQuotes(String value) {
        return value.isEmpty()
                || value.chars().anyMatch(c -> c <= ' ' || c == '"' || c == '=' || c == '\\' || isHidden((char) c));
    }

    private void appendQuoted(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (isHidden(c)) {
                        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    /** What would move a terminal's cursor, or make text look like another. */
    private static boolean isHidden(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
