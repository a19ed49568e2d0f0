package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.vgate.testbed.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build keeps of a rehearsal, so that starts are fast; needs no root. */
final class ClassArchiveIT {
    /** Where Java says that it has a class from when it found it in the archive. */
    private static final String ARCHIVED = "source: shared objects file (top)";

    @TempDir
    private Path folder;

    @Test
    void commandsFindOurClassesAndBouncyCastlesInTheArchive() {
        assumeTrue(
                "17".equals(System.getProperty("java.specification.version")), "the launcher's Java built the archive");
        String loaded = vgate(List.of("VGATE_JAVA_OPTS=-Xlog:class+load"), "pki", "ca", "--out", folder.toString());

        for (String name : List.of(
                "net.vgate.cli.PkiCommand",
                "net.vgate.pki.CertificateAuthority",
                "org.bouncycastle.cert.X509v3CertificateBuilder")) {
            assertTrue(
                    loaded.lines().anyMatch(line -> line.endsWith(" " + name + " " + ARCHIVED)),
                    () -> name + ":\n" + loaded);
        }
    }

    @Test
    void aJavaThatCannotUseTheArchiveSaysNothingOfIt() {
        Path other = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");
        assumeTrue(Files.isExecutable(other), "there is no JDK 25");

        String version = vgate(List.of("VGATE_JAVA=" + other), "version");

        assertEquals(3, version.lines().count(), version);
        assertTrue(version.contains("java    25"), version);
    }

    private static String vgate(List<String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(environment);
        command.addAll(RunningGateway.vgate(arguments));
        return Command.checked(command, RunningGateway.START);
    }
}
