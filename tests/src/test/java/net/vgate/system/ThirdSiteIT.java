package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Three sites. V-net blue is at all of them, with the same addresses everywhere. V-net green is IPv6, without
 * translation. Site north also says that it has V-net red, which nobody granted it, and that its members of V-net brown
 * have addresses that are not its own.
 */
@SystemTest
final class ThirdSiteIT {
    private static final List<String> NAMES = List.of("east", "west", "north");
    private static final Duration SHORT = Duration.ofMillis(500);

    private TestBed bed;
    private Site east;
    private Site west;
    private Site north;

    @BeforeAll
    void start() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        TestNetns wan = Wan.create(bed);
        east = site(wan, "east");
        west = site(wan, "west");
        north = site(wan, "north");
        east.configure(head("east", "west: [blue, green, red, brown]", "north: [blue, green, brown]")
                + blue("east")
                + green("east", "{in: any}")
                + red("east", "west")
                + brown("east", "100.65.3.0/24"));
        west.configure(head("west", "east: [blue, green, red, brown]", "north: [blue, green, brown]")
                + blue("west")
                + green("west", "{in: icmp}")
                + red("west", "east")
                + brown("west", "100.65.3.0/24"));
        north.configure(head("north", "east: [blue, green, red, brown]", "west: [blue, green, red, brown]")
                + blue("north")
                + green("north", "{in: any}")
                + red("north", "east")
                + brown("north", "100.65.9.0/24"));
        List<Site> sites = List.of(east, west, north);
        sites.forEach(Site::start);
        sites.forEach(site -> site.gateway().awaitStarted());
        east.awaitPaired(west, TwoSites.PAIRING);
        east.awaitPaired(north, TwoSites.PAIRING);
        west.awaitPaired(north, TwoSites.PAIRING);
    }

    @AfterAll
    void stop() {
        if (bed != null) {
            bed.close();
        }
    }

    private Site site(TestNetns wan, String name) {
        TwoSites.issue(bed.folder(), "pki", name, name + "-1");
        Site site = new Site(bed, name, bed.folder());
        Wan.join(bed, wan, site, "198.51.100." + number(name) + "/24");
        for (String vnet : List.of("blue", "green", "red", "brown")) {
            site.tenant(vnet);
        }
        return site;
    }

    private static int number(String site) {
        return 1 + NAMES.indexOf(site);
    }

    private static String head(String site, String... peers) {
        StringBuilder text =
                new StringBuilder("""
                site: SITE
                gateway: SITE-1
                identity: {certificate: pki/SITE-1.crt, key: pki/SITE-1.key, trust: [pki/ca.crt]}
                listen: {udp: 198.51.100.NUMBER:4433}
                observe: {http: 127.0.0.1:9464}
                peers:
                """.replace("SITE", site).replace("NUMBER", Integer.toString(number(site))));
        for (String peer : peers) {
            String name = peer.substring(0, peer.indexOf(':'));
            text.append("""
                      - site: PEER
                        gateways: [{name: PEER-1, udp: 198.51.100.NUMBER:4433}]
                        vnets: VNETS
                    """.replace("PEER", name)
                    .replace("NUMBER", Integer.toString(number(name)))
                    .replace("VNETS", peer.substring(peer.indexOf('['))));
        }
        return text.append("vnets:\n").toString();
    }

    /** Members of every site are 10.0.0.0/24 at home and 100.64.N.0/24 elsewhere. */
    private static String blue(String site) {
        StringBuilder translate = new StringBuilder();
        StringBuilder remote = new StringBuilder();
        for (String peer : NAMES) {
            if (!peer.equals(site)) {
                translate.append(
                        "      - {peer: %s, local: 10.0.0.0/24, as: 100.64.%d.0/24}\n".formatted(peer, number(site)));
                remote.append("      - {peer: %s, prefixes: [100.64.%d.0/24]}\n".formatted(peer, number(peer)));
            }
        }
        return """
                  - name: blue
                    vni: 5001
                    attach: {tun: {device: vg-blue, netns: %s-blue, address: 10.0.0.254}}
                    members: [10.0.0.0/24]
                    translate:
                %s    remote:
                %s    policy: [{out: any}, {in: any}]
                """.formatted(site, translate, remote);
    }

    /** Members are 2001:db8:N::/64 everywhere. */
    private static String green(String site, String in) {
        StringBuilder remote = new StringBuilder();
        for (String peer : NAMES) {
            if (!peer.equals(site)) {
                remote.append("      - {peer: %s, prefixes: ['2001:db8:%d::/64']}\n".formatted(peer, number(peer)));
            }
        }
        return """
                  - name: green
                    vni: 5002
                    attach: {tun: {device: vg-green, netns: SITE-green, address: '2001:db8:NUMBER::fe'}}
                    members: ['2001:db8:NUMBER::/64']
                    remote:
                REMOTE    policy: [{out: any}, IN]
                """.replace("SITE", site)
                .replace("NUMBER", Integer.toString(number(site)))
                .replace("REMOTE", remote)
                .replace("IN", in);
    }

    private static String red(String site, String peer) {
        return """
                  - name: red
                    vni: 5003
                    attach: {tun: {device: vg-red, netns: %s-red, address: 10.%d.0.254}}
                    members: [10.%d.0.0/24]
                    remote: [{peer: %s, prefixes: [10.%d.0.0/24]}]
                    policy: [{out: any}, {in: any}]
                """.formatted(site, number(site), number(site), peer, number(peer));
    }

    /** As red, but between north and the others; north calls its members what {@code north} says. */
    private static String brown(String site, String north) {
        if (site.equals("north")) {
            return """
                      - name: brown
                        vni: 5004
                        attach: {tun: {device: vg-brown, netns: north-brown, address: 10.3.0.254}}
                        members: [10.3.0.0/24]
                        translate: [{peer: east, local: 10.3.0.0/24, as: %s}]
                        remote: [{peer: east, prefixes: [10.1.0.0/24]}]
                        policy: [{out: any}, {in: any}]
                    """.formatted(north);
        }
        return """
                  - name: brown
                    vni: 5004
                    attach: {tun: {device: vg-brown, netns: %s-brown, address: 10.%d.0.254}}
                    members: [10.%d.0.0/24]
                    remote: [{peer: north, prefixes: [%s]}]
                    policy: [{out: any}, {in: any}]
                """.formatted(site, number(site), number(site), north);
    }

    @Test
    void everySiteReachesEveryOther() {
        for (Site from : List.of(east, west, north)) {
            for (Site to : List.of(east, west, north)) {
                if (from != to) {
                    int number = number(to.name());
                    to.host("blue", TwoSites.HOST);
                    to.host("green", "2001:db8:" + number + "::10");
                    assertTrue(Ping.comesBack(from.host("blue", TwoSites.HOST), "100.64." + number + ".10"));
                    assertTrue(Ping.comesBack(
                            from.host("green", "2001:db8:" + number(from.name()) + "::10"),
                            "2001:db8:" + number + "::10"));
                }
            }
        }
    }

    @Test
    void aVnetThatTheSiteWasNotGrantedIsDroppedWhereItArrives() {
        long before = east.gateway().drops(DropReason.NOT_GRANTED);
        Ping ping = Ping.send(north.host("red", "10.3.0.10"), "10.1.0.10", 5, SHORT);

        assertEquals(0, ping.received());
        assertEquals(before + 5, east.gateway().drops(DropReason.NOT_GRANTED));
    }

    @Test
    void aSourceThatIsNotTheSitesIsDroppedWhereItArrives() {
        long before = east.gateway().drops(DropReason.WRONG_SITE_SOURCE);
        Ping ping = Ping.send(north.host("brown", "10.3.0.10"), "10.1.0.10", 5, SHORT);

        assertEquals(0, ping.received());
        assertEquals(before + 5, east.gateway().drops(DropReason.WRONG_SITE_SOURCE));
    }

    @Test
    void theDestinationHasAPolicyOfItsOwn() {
        TestNetns here = east.host("green", "2001:db8:1::10");
        west.host("green", "2001:db8:2::10");
        assertTrue(Ping.comesBack(here, "2001:db8:2::10"));
        long before = west.gateway().drops(DropReason.POLICY);

        here.run("sh", "-c", "echo hello | socat - UDP6-SENDTO:[2001:db8:2::10]:9999");
        TestBed.await(
                "the drop is counted at west", SHORT, () -> west.gateway().drops(DropReason.POLICY) == before + 1);
    }

    /** The error quotes the packet that it is about, with addresses that the sender knows. */
    @Test
    void anUnreachablePortIsReportedToTheSender() {
        west.host("blue", TwoSites.HOST);
        Command.Result result = east.host("blue", TwoSites.HOST)
                .attempt("sh", "-c", "(echo one; sleep 0.3; echo two; sleep 0.3) | socat -u - UDP:100.64.2.10:9");

        assertTrue(result.output().contains("Connection refused"), result::output);
    }

    @Test
    void aSiteThatIsKilledDoesNotDisturbTheOthers() {
        west.host("blue", TwoSites.HOST);
        BackgroundProcess pings = Ping.begin(east.host("blue", TwoSites.HOST), "100.64.2.10", 100);
        north.gateway().kill();
        TestBed.await(
                "east has missed north",
                Duration.ofSeconds(10),
                () -> !east.gateway().isUp("north"));
        north.start().awaitStarted();
        north.awaitPaired(east, TwoSites.PAIRING);
        north.awaitPaired(west, TwoSites.PAIRING);
        Ping ping = Ping.end(pings);

        assertTrue(ping.sent() > 100 && ping.isCutOffOnly(), ping::output);
    }
}
