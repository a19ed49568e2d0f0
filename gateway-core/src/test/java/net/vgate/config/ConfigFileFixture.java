package net.vgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import net.vgate.forwarding.CompiledPolicy;

/** Reads configurations that are text. */
final class ConfigFileFixture {
    static final Path FILE = Path.of("gateway.yaml");

    private ConfigFileFixture() {}

    static ConfigResult parse(String text) {
        return ConfigReader.parse(FILE, text.getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile);
    }

    static List<String> problems(String text) {
        return parse(text).problems().stream().map(ConfigProblem::toString).toList();
    }

    static GatewayConfig config(String text) {
        ConfigResult result = parse(text);
        return result.config()
                .orElseThrow(() -> new AssertionError(
                        result.problems().stream().map(ConfigProblem::toText).collect(Collectors.joining("\n"))));
    }

    static String resource(String name) throws IOException {
        try (InputStream in = ConfigFileFixture.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
