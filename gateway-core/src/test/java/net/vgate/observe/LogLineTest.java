package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LogLineTest {
    @Test
    void namesTheEventAndItsParts() {
        assertEquals(
                "event=tunnel_down peer=west gateway=west-1 reason=\"no answer\"",
                LogLine.of(new Event.TunnelDown("west", "west-1", "no answer")).toString());
        assertEquals(
                "event=gateway_stopped uptime_seconds=1.5",
                LogLine.of(new Event.GatewayStopped(1.5)).toString());
    }

    @Test
    void letsNoValuePassForMore() {
        assertEquals("reason=\"\"", line(""));
        assertEquals("reason=\"a=b\"", line("a=b"));
        assertEquals("reason=\"x\\nevent=tunnel_up\"", line("x\nevent=tunnel_up"));
        assertEquals("reason=\"\\\" peer=\\\\\"", line("\" peer=\\"));
        assertEquals("reason=\"\\u001b[2J\"", line("\u001b[2J"));
        assertEquals("reason=\"\\u202egpj\"", line("\u202egpj"));
        assertEquals("reason=\"\\u2028\"", line("\u2028"));
        assertEquals("reason=Zürich", line("Zürich"));
        assertEquals(1_000 + "reason=...".length(), line("x".repeat(5_000)).length());
    }

    @FuzzTest
    void staysOneLine(byte[] bytes) {
        String line = line(new String(bytes, StandardCharsets.UTF_16));
        assertTrue(line.chars().noneMatch(Character::isISOControl), line);
        String value = line.substring("reason=".length());
        assertTrue(
                value.matches("[^\\s\"=\\\\]+") || value.matches("\"([^\"\\\\]|\\\\([nrt\"\\\\]|u[0-9a-f]{4}))*+\""),
                line);
    }

    @Test
    void theReferenceNamesThemAll() throws IOException {
        String table = Stream.of(Event.class.getPermittedSubclasses())
                .map(type -> String.format(
                        Locale.ROOT,
                        "| `%s` | %s |%n",
                        LogLine.snakeCase(type.getSimpleName()),
                        Stream.of(type.getRecordComponents())
                                .map(RecordComponent::getName)
                                .map(name -> "`" + LogLine.snakeCase(name) + "`")
                                .collect(Collectors.joining(", "))))
                .collect(Collectors.joining());
        GoldenFile.assertMatches("docs/events.md", REFERENCE + table);
    }

    private static String line(String value) {
        return new LogLine().add("reason", value).toString();
    }

    private static final String REFERENCE = """
            # Log lines

            On standard error, one line an event, as `key=value` pairs. Under systemd each line carries its priority, so that
            `journalctl -p warning` works; elsewhere it begins with time and level. Of one kind of event about one peer,
            V-net or the like five lines a minute are written; the next one says how many were left out, in `suppressed`.
            What libraries say, and faults of the program, are `event=log` with `logger`, `message`, `error` and `at`.

            | event | keys |
            | --- | --- |
            """;
}
