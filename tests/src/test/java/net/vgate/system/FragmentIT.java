package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A path of 1,124 bytes, by which three V-nets reach the other site: blue goes in fragments where it has to, red and
 * green do not; green is of IPv6.
 */
@SystemTest
class FragmentIT {
    private static final int NARROW = 1_124;

    /** Outer headers, record and Geneve, with room for the option of a partial checksum. */
    private static final int FITS = NARROW - 86;

    private static final int ETHERNET = 1_500;
    private static final int FILE_MEBIBYTES = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private static TwoSites sites;

    @BeforeAll
    static void start() {
        sites = TwoSites.throughRouter(
                text -> addGreen(text.replaceFirst("vni: 5001\n", "vni: 5001\n    fragment: true\n")));
        try {
            for (Site site : List.of(sites.east(), sites.west())) {
                sites.underlay().ip("link", "set", site.name(), "mtu", Integer.toString(NARROW));
                site.host("green", green(site));
                String netns = site.tenant("green").name();
                site.change(text -> text.replace("netns: " + site.name() + "-green", "netns: " + netns));
            }
            sites.startBoth();
            for (Site site : List.of(sites.east(), sites.west())) {
                site.gateway()
                        .awaitTunnel(
                                site == sites.east() ? "west" : "east",
                                "has an MTU of " + NARROW,
                                PATIENCE,
                                tunnel -> tunnel.pathMtu() != null && tunnel.pathMtu() == NARROW);
            }
        } catch (Throwable failed) {
            sites.close();
            throw failed;
        }
    }

    @AfterAll
    static void stop() {
        sites.close();
    }

    private static String addGreen(String text) {
        boolean isEast = text.startsWith("# Site east");
        String vnet = """
                  - name: green
                    vni: 5003
                    attach: {tun: {device: vg-green, netns: SITE-green, address: '2001:db8:OWN::fe'}}
                    members: ['2001:db8:OWN::/64']
                    remote: [{peer: PEER, prefixes: ['2001:db8:OTHER::/64']}]
                    policy: [{out: any}, {in: any}]

                observe:""".replace("SITE", isEast ? "east" : "west")
                .replace("PEER", isEast ? "west" : "east")
                .replace("OWN", isEast ? "1" : "2")
                .replace("OTHER", isEast ? "2" : "1");
        return text.replace("vnets: [blue, red]", "vnets: [blue, red, green]").replace("observe:", vnet);
    }

    private static String green(Site site) {
        return "2001:db8:" + (site == sites.east() ? 1 : 2) + "::10";
    }

    @Test
    void fullPacketsThatMayNotBeFragmentedCrossBothWays() {
        expectPings(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, ETHERNET, 28);
        expectPings(sites.host(sites.west(), "blue"), TwoSites.EAST_ALIAS, ETHERNET, 28);
        TestNetns tenant = sites.east().tenant("blue");
        assertTrue(tenant.run("ip", "link", "show", "vg-blue").contains("mtu 1500"));
    }

    @Test
    void tcpSendsFullSegmentsAndAFileArrivesUnchanged() throws IOException {
        Path file = TcpServer.randomFile(sites.file("file"), FILE_MEBIBYTES, new SplittableRandom(5));
        long sent = fragments(sites.east()).sent();
        long reassembled = fragments(sites.west()).reassembled();
        TestNetns west = sites.host(sites.west(), "blue");
        try (TcpServer server = TcpServer.receiving(sites.file("received"), west, TwoSites.OPEN_PORT)) {
            TestNetns east = sites.host(sites.east(), "blue");
            TcpServer.send(file, east, TwoSites.WEST_ALIAS, TwoSites.OPEN_PORT, PATIENCE);
            server.awaitEnd(PATIENCE);
        }
        assertEquals(-1, Files.mismatch(file, sites.file("received")));
        // Almost all segments were larger than the path: smaller ones would not have been fragmented.
        long segments = (FILE_MEBIBYTES << 20) / (ETHERNET - 40);
        assertTrue(
                fragments(sites.east()).sent() - sent >= 2 * segments,
                () -> fragments(sites.east()).toString());
        assertTrue(
                fragments(sites.west()).reassembled() - reassembled >= segments,
                () -> fragments(sites.west()).toString());
        for (Site site : List.of(sites.east(), sites.west())) {
            assertEquals(0, site.gateway().drops(DropReason.REASSEMBLY_INVALID));
            assertEquals(0, site.gateway().drops(DropReason.MALFORMED));
        }
    }

    @Test
    void ipv6PacketsThatEveryLinkCarriesCrossWithoutTheKey() {
        expectPings(sites.east().host("green", green(sites.east())), green(sites.west()), 1_280, 48);
        expectPings(sites.west().host("green", green(sites.west())), green(sites.east()), 1_280, 48);
    }

    @Test
    void withoutTheKeyTheSenderIsTold() {
        TestNetns east = sites.host(sites.east(), "red");
        expectPings(east, TwoSites.WEST_ALIAS, FITS, 28);
        Ping tooBig = ping(east, TwoSites.WEST_ALIAS, 1, FITS + 1 - 28);
        assertEquals(0, tooBig.received(), tooBig::output);
        assertTrue(tooBig.output().replace(" ", "").contains("mtu=" + FITS), tooBig::output);
    }

    /** Pings of {@code bytes}, {@code headers} included, that may not be fragmented come back, all of them. */
    private static void expectPings(TestNetns from, String to, int bytes, int headers) {
        // Of several lanes some may still be asking what the path carries.
        TestBed.await(
                "packets of " + bytes + " bytes reach " + to,
                PATIENCE,
                () -> ping(from, to, 3, bytes - headers).isComplete());
        Ping pings = ping(from, to, 50, bytes - headers);
        assertTrue(pings.isComplete(), pings::output);
    }

    private static Ping ping(TestNetns from, String to, int count, int payload) {
        return Ping.send(from, to, count, ANSWER, "-i", "0.01", "-M", "do", "-s", Integer.toString(payload));
    }

    private static StatusReport.Fragments fragments(Site site) {
        return site.gateway().status().sites().get(0).fragments();
    }
}
