package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.testbed.Command;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Starts that cannot be: one line says why, the exit code is 3, and nothing is left behind. */
@SystemTest
final class StartFailureIT {
    private TwoSites sites;

    @BeforeAll
    void configure() {
        sites = TwoSites.configured(UnaryOperator.identity());
    }

    @AfterAll
    void remove() {
        if (sites != null) {
            sites.close();
        }
    }

    /** As a system-wide crypto policy may have it. */
    @Test
    void aJavaThatCannotShakeHandsIsFoundOutBeforeAPeerComes() throws IOException {
        Path policy =
                Files.writeString(sites.file("java.security"), "jdk.certpath.disabledAlgorithms=EC keySize < 512\n");

        String line = refusal(sites.east().configuration(), "VGATE_JAVA_OPTS=-Djava.security.properties=" + policy);

        assertTrue(line.contains("cannot shake hands with itself"), line);
        assertTrue(line.contains("EC 256 bit key"), line);
    }

    @Test
    void anAddressThatIsNotHereIsNamedAsTheFileWritesIt() throws IOException {
        String text = Files.readString(sites.east().configuration());
        Path elsewhere = Files.writeString(
                sites.file("elsewhere.yaml"), text.replace("udp: 198.51.100.1:4433", "udp: 198.51.100.77:4433"));

        String line = refusal(elsewhere);

        assertTrue(line.contains(" 198.51.100.77:4433: Cannot assign requested address"), line);
    }

    /** The last line of a start of site east that fails. */
    private String refusal(Path configuration, String... environment) {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(List.of(environment));
        command.addAll(RunningGateway.vgate("run", "-c", configuration.toString()));
        Command.Result result = sites.east().wan().attempt(RunningGateway.START, command.toArray(String[]::new));

        assertEquals(3, result.exitCode(), result::output);
        List<String> lines = result.output().lines().toList();
        String last = lines.get(lines.size() - 1);
        assertTrue(last.startsWith("vgate: "), result::output);
        for (String tenant : TwoSites.TENANTS) {
            assertTrue(sites.east().tenant(tenant).ip("link").lines().noneMatch(link -> link.contains("vg-")));
        }
        return last;
    }
}
