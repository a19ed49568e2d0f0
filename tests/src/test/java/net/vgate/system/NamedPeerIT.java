package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.Test;

/** Site east knows the peer by a name, which its namespace's hosts file has; only east can call. */
@SystemTest
final class NamedPeerIT {
    private static final String NAME = "gw.west.test";
    private static final String OTHER = "198.51.100.22";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void thePeerIsFoundWhereverItsNameLeads() {
        try (TwoSites sites = TwoSites.onBridge(NamedPeerIT::named)) {
            Path folder = Path.of("/etc/netns", sites.east().wan().name());
            sites.bed().onClose(() -> remove(folder));
            // Written in place: what the gateway sees is bound to this very file.
            Path hosts = write(folder, "127.0.0.1 localhost\n");
            sites.east().start().awaitStarted();
            sites.west().start().awaitStarted();
            RunningGateway east = sites.east().gateway();
            TestBed.await(
                    "the failure is shown with the name",
                    PATIENCE,
                    () -> failure(east).contains(NAME + ": "));

            write(folder, TwoSites.WEST_WAN + " " + NAME + "\n");
            sites.east().awaitPaired(sites.west(), TwoSites.PAIRING);
            assertTrue(name(east).failures() > 0);
            long handshakes = east.tunnel("west").handshakes().completed();

            sites.west().wan().address("wan", OTHER + "/24");
            write(folder, OTHER + " " + NAME + "\n");
            assertTrue(reload(sites.east()).isSuccess());
            TestBed.await(
                    "the name leads elsewhere",
                    PATIENCE,
                    () -> name(east).addresses().equals(List.of(OTHER)));
            StatusReport.Tunnel before = east.tunnel("west");
            assertTrue(isAt(before, TwoSites.WEST_WAN), before::toString);
            assertEquals(handshakes, before.handshakes().completed(), "what works was torn down");

            sites.west().wan().ip("addr", "del", TwoSites.WEST_WAN + "/24", "dev", "wan");
            sites.west().wan().address("wan", OTHER + "/24");
            east.awaitTunnel("west", "is up at the new address", PATIENCE, now -> now.up() && isAt(now, OTHER));
            assertEquals(hosts, write(folder, OTHER + " " + NAME + "\n"));
        }
    }

    private static String named(String text) {
        return text.replace("udp: 198.51.100.2:4433}]", "udp: " + NAME + ":4433}]")
                .replace(", udp: 198.51.100.1:4433}]", "}]")
                .replace("listen: {udp: 198.51.100.2:4433}", "listen: {udp: 0.0.0.0:4433}");
    }

    private static boolean isAt(StatusReport.Tunnel tunnel, String address) {
        return (address + ":4433").equals(tunnel.remote());
    }

    private static StatusReport.Name name(RunningGateway gateway) {
        return gateway.status().names().get(0);
    }

    private static String failure(RunningGateway gateway) {
        StatusReport.Failure failure = gateway.tunnel("west").handshakes().lastFailure();
        return failure == null ? "" : failure.reason();
    }

    private static Command.Result reload(Site site) {
        return Command.attempt(
                Command.favoured(
                        RunningGateway.vgate("reload", "--socket", site.socket().toString())),
                Command.DEADLINE);
    }

    private static Path write(Path folder, String text) {
        try {
            Files.createDirectories(folder);
            return Files.writeString(folder.resolve("hosts"), text);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void remove(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve("hosts"));
            Files.deleteIfExists(folder);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
