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

            // Beside the fields, which have tabs between them, it says that root should not run it.
            List<String> pings = dissect(wan, keys)
                    .lines()
                    .filter(line -> line.contains("\t"))
                    .sorted()
                    .distinct()
                    .toList();
            // V-net 5002, and as they are between the sites: the source translated, the destination not yet.
            assertEquals(
                    List.of(
                            "0x00138a\t198.51.100.1,100.64.1.10\t198.51.100.2,100.64.2.10\t8",
                            "0x00138a\t198.51.100.2,100.64.2.10\t198.51.100.1,100.64.1.10\t0"),
                    pings);
            assertKeyLogIsLoud(sites, keys);
        }
    }

    private static String dissect(WanCapture wan, Path keys) {
        List<String> command = List.of(
                "tshark",
                "-r",
                wan.capture().file().toString(),
                "-X",
                "lua_script:" + Path.of(System.getProperty("vgate.root", ".."), "docs", "wireshark.lua"),
                "-o",
                "tls.keylog_file:" + keys,
                "-Y",
                "geneve && icmp",
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
