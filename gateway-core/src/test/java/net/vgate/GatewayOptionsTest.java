package net.vgate;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Java passes over the name of a method that is none: a renamed stage would cost every start seconds, unnoticed. */
final class GatewayOptionsTest {
    private static final Path OPTIONS = Path.of("src/main/launcher/gateway.options");
    private static final String NOT_INLINED = "-XX:CompileCommand=dontinline,";

    @ParameterizedTest
    @MethodSource("notInlined")
    void namesMethodsThatThereAre(String pattern) throws ClassNotFoundException {
        String[] parts = pattern.split("::", 2);
        String method = parts[1].replace("*", "");
        boolean anyEnding = parts[1].endsWith("*");
        Class<?> owner = Class.forName(parts[0], false, GatewayOptionsTest.class.getClassLoader());

        assertTrue(
                Arrays.stream(owner.getDeclaredMethods())
                        .map(Method::getName)
                        .anyMatch(name -> anyEnding ? name.startsWith(method) : name.equals(method)),
                pattern);
    }

    @Test
    void thereAreSome() throws IOException {
        assertFalse(notInlined().toList().isEmpty());
    }

    private static Stream<String> notInlined() throws IOException {
        List<String> lines = Files.readAllLines(OPTIONS);
        return lines.stream()
                .filter(line -> line.startsWith(NOT_INLINED))
                .map(line -> line.substring(NOT_INLINED.length()));
    }
}
