package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.PkiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sample is a configuration with nothing to say about, once its certificates are issued. */
class ConfigSamplesTest {
    private static final Path SAMPLES = Path.of(System.getProperty("vgate.root", ".."), "config-samples");

    @TempDir
    private Path folder;

    static List<Path> samples() throws IOException {
        try (Stream<Path> files = Files.walk(SAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .map(SAMPLES::relativize)
                    .sorted()
                    .toList();
        }
    }

    @Test
    void areThere() throws IOException {
        assertTrue(samples().size() >= 5, () -> "samples in " + SAMPLES);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void isFreeOfProblems(Path sample) throws IOException, PkiException {
        Path file = folder.resolve(sample.getFileName());
        Files.copy(SAMPLES.resolve(sample), file);
        GatewayConfig config = ConfigFileFixture.config(Files.readString(file));
        CertificateAuthority.create(
                folder.resolve("pki"), "test", CertificateAuthority.AUTHORITY_VALIDITY, Instant.now(), false);
        CertificateAuthority.load(folder.resolve("pki"))
                .issue(
                        folder.resolve("pki"),
                        config.site(),
                        config.gateway(),
                        CertificateAuthority.GATEWAY_VALIDITY,
                        Instant.now(),
                        false);

        ConfigResult result = ConfigReader.read(file, CompiledPolicy::compile);

        assertEquals(List.of(), result.problems());
        assertTrue(result.config().isPresent());
    }

    /** What one site calls theirs is what the other one calls ours. */
    @Test
    void twoSitesAgree() throws IOException {
        GatewayConfig east = ConfigFileFixture.config(Files.readString(SAMPLES.resolve("two-sites/east.yaml")));
        GatewayConfig west = ConfigFileFixture.config(Files.readString(SAMPLES.resolve("two-sites/west.yaml")));

        for (int i = 0; i < east.vnets().size(); i++) {
            GatewayConfig.Vnet ours = east.vnets().get(i);
            GatewayConfig.Vnet theirs = west.vnets().get(i);
            assertEquals(ours.vni(), theirs.vni());
            assertEquals(
                    ours.translate().get(0).as(),
                    theirs.remote().get(0).prefixes().get(0));
            assertEquals(
                    theirs.translate().get(0).as(),
                    ours.remote().get(0).prefixes().get(0));
        }
        assertEquals(
                east.listen().udp().stream().map(Endpoint::of).toList(),
                west.peers().get(0).gateways().get(0).udp());
        assertEquals(
                west.listen().udp().stream().map(Endpoint::of).toList(),
                east.peers().get(0).gateways().get(0).udp());
    }
}
