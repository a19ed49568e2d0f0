package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Gateways whose AES-GCM is computed by different providers: site east's by libipsec-mb, site west's by the JDK. */
@SystemTest
final class AeadIT {
    /** Runs a command for which libipsec-mb is not there; {@code ip netns exec} has given it mounts of its own. */
    private static final List<String> WITHOUT_LIBRARY = List.of(
            "sh",
            "-c",
            "for file in /usr/lib/*/libIPSec_MB.so.[0-9]; do mount --bind /dev/null $file; done; exec \"$@\"",
            "sh");

    private TwoSites sites;
    private Site east;
    private Site west;

    @BeforeAll
    void start() throws IOException {
        assumeTrue(isInstalled(), "skipped: libipsec-mb is not installed");
        sites = TwoSites.paired(text -> text + "\ncrypto: {aead: " + (isEast(text) ? "ipsec-mb" : "sunjce") + "}\n");
        east = sites.east();
        west = sites.west();
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    private static boolean isInstalled() throws IOException {
        try (var files = Files.find(
                Path.of("/usr/lib"),
                2,
                (file, any) -> file.getFileName().toString().startsWith("libIPSec_MB.so."))) {
            return files.findAny().isPresent();
        }
    }

    private static boolean isEast(String text) {
        return text.contains("gateway: east-1");
    }

    @Test
    void bothSayWhoComputes() {
        StatusReport.Aead fast = east.gateway().status().gateway().aead();
        assertEquals("ipsec-mb", fast.provider());
        assertEquals(null, fast.whyNotFaster());
        StatusReport.Aead plain = west.gateway().status().gateway().aead();
        assertEquals("sunjce", plain.provider());
        assertEquals("the configuration says so", plain.whyNotFaster());

        String metrics = east.wan().run("curl", "-sf", "http://127.0.0.1:9464/metrics");
        String line = "\nvgate_aead_info{provider=\"ipsec-mb\",version=\"" + fast.version() + "\"} 1";
        assertTrue(metrics.contains(line), metrics);
    }

    @Test
    void theyUnderstandEachOther() throws IOException {
        Path file = TcpServer.randomFile(sites.file("file"), 16, new SplittableRandom(1));
        send(file, east, west, TwoSites.WEST_ALIAS);
        send(file, west, east, TwoSites.EAST_ALIAS);
        for (int bytes : new int[] {0, 1, 15, 16, 17, 1_000}) {
            Ping ping = Ping.send(
                    sites.host(east, "blue"),
                    TwoSites.WEST_ALIAS,
                    20,
                    Duration.ofSeconds(2),
                    "-i",
                    "0.01",
                    "-s",
                    Integer.toString(bytes));
            assertEquals(20, ping.received(), ping::output);
        }
    }

    private void send(Path file, Site from, Site to, String address) throws IOException {
        Path received = sites.file(to.name() + ".received");
        try (TcpServer server = TcpServer.receiving(received, sites.host(to, "blue"), 5201)) {
            TcpServer.send(file, sites.host(from, "blue"), address, 5201, Duration.ofMinutes(2));
            server.awaitEnd(Duration.ofSeconds(10));
        }
        assertEquals(-1, Files.mismatch(file, received));
    }

    @Test
    void withoutTheLibraryAGatewayThatNamesItSaysWhatToInstall() throws IOException {
        RunningGateway alone = startWithoutLibrary("ipsec-mb");

        assertEquals(3, alone.awaitEnd(RunningGateway.START), alone::log);
        String log = alone.log();
        assertTrue(log.contains("vgate: crypto.aead: ipsec-mb cannot be used here: "), log);
        assertTrue(log.contains("Debian's package libipsec-mb1 or libipsec-mb2 has it"), log);
    }

    @Test
    void withoutTheLibraryAGatewayStartsAllTheSame() throws IOException {
        RunningGateway alone = startWithoutLibrary("auto");

        StatusReport.Aead aead = alone.awaitStarted().status().gateway().aead();

        assertEquals("sunjce", aead.provider());
        String why = String.valueOf(aead.whyNotFaster());
        assertTrue(why.startsWith("ipsec-mb cannot be used: ") && why.contains("libIPSec_MB.so."), why);
        assertEquals(0, alone.terminate(Duration.ofSeconds(10)), alone::log);
    }

    /** A gateway without peers, in a namespace and a runtime folder of its own. */
    private RunningGateway startWithoutLibrary(String aead) throws IOException {
        TestNetns elsewhere = sites.bed().namespace("aead-" + aead);
        elsewhere.ip("link", "set", "lo", "up");
        Path socket = Files.createDirectory(sites.file(aead)).resolve("alone.sock");
        Path configuration = Files.writeString(
                sites.file(aead + ".yaml"), """
                site: west
                gateway: west-1
                identity: {certificate: pki/west-1.crt, key: pki/west-1.key, trust: [pki/ca.crt]}
                listen: {udp: 127.0.0.1:4433}
                crypto: {aead: AEAD}
                control: {socket: SOCKET}
                """.replace("AEAD", aead).replace("SOCKET", socket.toString()));
        RunningGateway alone = RunningGateway.startUnder(WITHOUT_LIBRARY, elsewhere, configuration, socket);
        sites.bed().onClose(alone);
        return alone;
    }
}
