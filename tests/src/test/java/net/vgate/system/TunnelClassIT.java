package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import net.vgate.observe.StatusReport.RefusedVnet;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tenant blue comes to demand AES-256 over UDP, tenant red demands nothing. The two sites may use TCP, and site east
 * calls.
 */
@SystemTest
final class TunnelClassIT {
    private static final String UDP_IS_CUT = "add rule inet cut input meta l4proto udp drop";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String DEMAND = "aes-256-gcm over udp";

    private TwoSites sites;
    private Site east;
    private Site west;
    private TestNetns blue;
    private TestNetns red;

    @BeforeAll
    void start() {
        sites = TwoSites.configured(yaml -> yaml.replace(
                        "listen: {udp: 198.51.100.2:4433}", "listen: {udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}")
                .replace("udp: 198.51.100.2:4433}]", "udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}]")
                .replace("{name: east-1, udp: 198.51.100.1:4433}", "{name: east-1}"));
        east = sites.east();
        west = sites.west();
        west.wan().run("nft", "add table inet cut");
        west.wan().run("nft", "add chain inet cut input { type filter hook input priority 0; policy accept; }");
        sites.startBoth();
        blue = sites.host(east, "blue");
        red = sites.host(east, "red");
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void aVnetTravelsAsItsClassDemandsOrNotAtAll() {
        assertTrue(cipherSuite().contains("AES_128_GCM"), this::cipherSuite);
        assertTrue(Ping.comesBack(blue, TwoSites.WEST_ALIAS));
        BackgroundProcess undisturbed = Ping.begin(red, TwoSites.WEST_ALIAS, 50);

        demandAtEastAlone();
        demandAtBoth();

        Ping pings = Ping.end(undisturbed);
        assertTrue(pings.sent() > 100 && pings.isCutOffOnly(), pings::toString);

        stopWhereThereIsOnlyTcp();
    }

    private void demandAtEastAlone() {
        demand(east, "gold");
        TestBed.await("west has heard", PATIENCE, () -> !refused(west, "east").isEmpty());
        assertEquals(
                List.of(new RefusedVnet("blue", "class_mismatch", DEMAND, "the peer demands nothing")),
                refused(east, "west"));
        assertEquals(
                List.of(new RefusedVnet("blue", "class_mismatch", "nothing", "the peer demands " + DEMAND)),
                refused(west, "east"));
        assertFalse(Ping.comesBackSoon(blue, TwoSites.WEST_ALIAS));
        assertFalse(Ping.comesBackSoon(sites.host(west, "blue"), TwoSites.EAST_ALIAS));
        assertTrue(east.gateway().drops(DropReason.CLASS_MISMATCH) > 0);
        assertTrue(west.gateway().drops(DropReason.CLASS_MISMATCH) > 0);
        assertTrue(east.gateway().log().contains("what=vnets_refused"), east.gateway()::log);
        String table = Command.run(
                RunningGateway.vgate("status", "--socket", east.socket().toString())
                        .toArray(new String[0]));
        assertTrue(table.contains("west/west-1 does not carry blue (class_mismatch): it demands " + DEMAND), table);
    }

    private void demandAtBoth() {
        demand(west, "another-name");
        TestBed.await(
                "the keys are those of AES-256", PATIENCE, () -> cipherSuite().contains("AES_256_GCM"));
        TestBed.await("blue is carried", PATIENCE, () -> Ping.comesBackSoon(blue, TwoSites.WEST_ALIAS));
        assertEquals(List.of(), refused(east, "west"));
        assertEquals(List.of(), refused(west, "east"));
    }

    private void stopWhereThereIsOnlyTcp() {
        west.wan().run("nft", UDP_IS_CUT);
        TestBed.await("red goes on", PATIENCE, () -> Ping.comesBackSoon(red, TwoSites.WEST_ALIAS));
        TestBed.await(
                "it is shown",
                PATIENCE,
                () -> refused(east, "west")
                        .equals(List.of(new RefusedVnet(
                                "blue", "below_class", DEMAND, "the tunnel has aes-256-gcm over tcp"))));
        long before = east.gateway().drops(DropReason.BELOW_CLASS);
        assertFalse(Ping.comesBackSoon(blue, TwoSites.WEST_ALIAS));
        assertTrue(Ping.comesBack(red, TwoSites.WEST_ALIAS));
        assertTrue(east.gateway().drops(DropReason.BELOW_CLASS) > before);

        west.wan().run("nft", "flush", "chain", "inet", "cut", "input");
        TestBed.await(
                "blue is back with UDP", Duration.ofSeconds(40), () -> Ping.comesBackSoon(blue, TwoSites.WEST_ALIAS));
        assertEquals(List.of(), refused(east, "west"));
    }

    /** Gives tenant blue a class of that name, and has the gateway reload. */
    private static void demand(Site site, String name) {
        site.change(yaml -> yaml.replace(
                        "\nvnets:\n",
                        "\nclasses: [{name: %s, ciphers: aes-256-gcm, least-rung: udp}]\nvnets:\n".formatted(name))
                .replace("    vni: 5001\n", "    vni: 5001\n    class: %s\n".formatted(name)));
        Command.run(RunningGateway.vgate("reload", "--socket", site.socket().toString())
                .toArray(new String[0]));
    }

    private static List<RefusedVnet> refused(Site site, String peer) {
        return site.gateway().tunnel(peer).refusedVnets();
    }

    private String cipherSuite() {
        return String.valueOf(east.gateway().tunnel("west").cipherSuite());
    }
}
