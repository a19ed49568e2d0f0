package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import net.vgate.forwarding.CompiledPolicy;
import org.junit.jupiter.api.Test;

/** A file full of faults against what is said of it, word for word: people and scripts read these lines. */
class ConfigFaultsTest {
    @Test
    void saysAllThatIsWrongAtOnce() throws IOException {
        String faults = ConfigFileFixture.resource("faults.yaml");
        ConfigResult result = ConfigReader.parse(
                Path.of("faults.yaml"), faults.getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile);
        String said =
                result.problems().stream().map(ConfigProblem::toString).collect(Collectors.joining("\n", "", "\n"));

        // For the person who has changed a message on purpose.
        if (Boolean.getBoolean("vgate.golden.write")) {
            Files.writeString(Path.of("src/test/resources/net/vgate/config/faults.expected"), said);
        }
        assertEquals(ConfigFileFixture.resource("faults.expected"), said);
    }

    @Test
    void neverRepeatsASecret() throws IOException {
        String faults = ConfigFileFixture.resource("faults.yaml");
        for (ConfigProblem problem : ConfigFileFixture.parse(faults).problems()) {
            assertFalse(problem.toText().contains("hunter2"), problem::toText);
            assertFalse(problem.toText().contains("MIGH"), problem::toText);
        }
        String withoutKey = faults.replaceAll("(?s)\n    -----BEGIN.*?\n  trust", " x\n  trust")
                .replace("key: |", "key:");
        for (ConfigProblem problem : ConfigFileFixture.parse(withoutKey).problems()) {
            assertFalse(problem.toText().contains("hunter2"), problem::toText);
        }
    }
}
