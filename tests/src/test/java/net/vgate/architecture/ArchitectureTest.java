package net.vgate.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our classes keep the rules. */
class ArchitectureTest {
    // Jars are not left out: in `mvn verify` the other modules are jars, in `mvn test` folders.
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("net.vgate");

    static Stream<Named<ArchRule>> rules() {
        return ArchitectureRules.everyRule().stream().map(rule -> Named.of(rule.getDescription(), rule));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void holds(ArchRule rule) {
        rule.check(OURS);
    }

    /** A rule that looks at nothing holds too; so see that there is something of every module. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"net.vgate.packet", "net.vgate.record", "net.vgate.dataplane"})
    void seesTheClassesOf(String packageName) {
        assertTrue(OURS.containPackage(packageName), packageName);
    }
}
