package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The reference is what the reader does. {@code mvn test -Dtest=ConfigReferenceTest
 * -DargLine=-Dvgate.golden.write=true} writes it anew.
 */
class ConfigReferenceTest {
    private static final Path REFERENCE = Path.of(System.getProperty("vgate.root", ".."), "docs/configuration.md");

    @Test
    void isUpToDate() throws IOException {
        if (Boolean.getBoolean("vgate.golden.write")) {
            Files.writeString(REFERENCE, ConfigReference.markdown());
        }
        assertEquals(Files.readString(REFERENCE), ConfigReference.markdown());
    }

    @Test
    void itsExampleHasEveryKey() {
        String example = ConfigReference.everyKey();
        List<String> names = new ArrayList<>();
        collect(ConfigKeys.ROOT, names);
        assertTrue(names.size() > 45, names::toString);
        for (String name : names) {
            assertTrue(
                    Pattern.compile("[\\s{]" + name + ":")
                            .matcher("\n" + example)
                            .find(),
                    name);
        }
    }

    @Test
    void itsExampleIsFreeOfProblems() {
        assertEquals(
                List.of(), ConfigFileFixture.parse(ConfigReference.everyKey()).problems());
    }

    private static void collect(Section section, List<String> names) {
        for (Key<?> key : section.keys()) {
            names.add(key.name());
            key.form().section().ifPresent(inner -> collect(inner, names));
        }
    }
}
