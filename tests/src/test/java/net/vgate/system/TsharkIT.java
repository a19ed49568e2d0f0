package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.testbed.Command;
import org.junit.jupiter.api.Test;

/** What Wireshark's tshark(1) sees on the WAN, when it is given the session keys. */
@SystemTest
@Unsettled
final class TsharkIT {
    @Test
    void recordsAreDissectedDownToThePingInside() throws IOException {
        try (TwoSites sites = TwoSites.configured(UnaryOperator.identity());
                WanCapture wan = WanCapture.begin(sites.east().wan())) {
            Path keys = sites.file("session.keys");
            sites.west().start();
            sites.east().start("--key-log", keys.toString()).awaitStarted();
            sites.west().gateway().awaitStarted();
            sites.east().awaitPaired(sites.west(), TwoSites.PAIRING);
            assertTrue(Ping.send(sites.host(sites.east(), "red"), TwoSites.WEST_ALIAS, 5, Duration.ofSeconds(1))
                    .isComplete());
            wan.capture().close();

            List<String> pings = dissect(wan, keys).lines().sorted().distinct().toList();
            // As they are between the sites: the source translated, the destination not yet.
            assertEquals(
                    List.of(
                            "5002\t198.51.100.1,100.64.1.10\t198.51.100.2,100.64.2.10\t8",
                            "5002\t198.51.100.2,100.64.2.10\t198.51.100.1,100.64.1.10\t0"),
                    pings);
            assertKeyLogIsLoud(sites, keys);
        }
    }

    private static String dissect(WanCapture wan, Path keys) {
        List<String> command = List.of(
                "tshark",
                "-r",
                wan.capture().file().toString(),
                "-o",
                "tls.keylog_file:" + keys,
                "-o",
                "dtls.keylog_file:" + keys,
                "-d",
                "udp.port==4433,dtls",
                "-d",
                "dtls.port==4433,geneve",
                "-Y",
                "icmp",
                "-T",
                "fields",
                "-e",
                "geneve.vni",
                "-e",
                "ip.src",
                "-e",
                "ip.dst",
                "-e",
                "icmp.type");
        return Command.checked(command, Duration.ofSeconds(30));
    }

    /** It must not stay on by oversight, nor be read by others. */
    private static void assertKeyLogIsLoud(TwoSites sites, Path keys) throws IOException {
        RunningGateway east = sites.east().gateway();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)));
        assertEquals(keys.toString(), east.status().gateway().keyLog());
        assertTrue(east.log().contains(keys.toString()), east::log);
        String metrics = sites.east().wan().run("curl", "-sf", "http://127.0.0.1:9464/metrics");
        assertTrue(metrics.contains("\nvgate_key_log_active 1"), metrics);
    }
}
