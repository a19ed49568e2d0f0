package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import net.vgate.forwarding.CompiledPolicy;

/** Whatever a file holds, it is a configuration or has problems, and says so in bounded words. */
class ConfigReaderFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void anyBytesGiveProblems(byte[] bytes) {
        check(ConfigReader.parse(ConfigFileFixture.FILE, bytes, CompiledPolicy::compile));
    }

    /** A file that is right, with a few pieces of it exchanged: gets behind the YAML parser. */
    @FuzzTest(maxDuration = "2m")
    void anyChangeOfARightFileGivesProblems(FuzzedDataProvider data) {
        StringBuilder text = new StringBuilder(ConfigReference.everyKey());
        int changes = data.consumeInt(1, 4);
        for (int i = 0; i < changes; i++) {
            int at = data.consumeInt(0, text.length());
            int end = Math.min(text.length(), at + data.consumeInt(0, 40));
            if (data.consumeBoolean()) {
                int from = data.consumeInt(0, text.length());
                text.replace(at, end, text.substring(from, Math.min(text.length(), from + data.consumeInt(0, 80))));
            } else {
                text.replace(at, end, data.consumeString(12));
            }
        }
        check(ConfigReader.parse(
                ConfigFileFixture.FILE, text.toString().getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile));
    }

    private static void check(ConfigResult result) {
        assertEquals(result.errors() == 0, result.config().isPresent());
        for (ConfigProblem problem : result.problems()) {
            String line = problem.toString();
            assertFalse(line.contains("\n") || line.contains("\r"), line);
            assertFalse(line.length() > 1_000, line);
            assertFalse(problem.caret() > 200, problem::toText);
            problem.toText();
        }
        result.config()
                .ifPresent(config -> assertEquals(
                        0, ConfigDiff.between(config, config).changes().size()));
    }
}
