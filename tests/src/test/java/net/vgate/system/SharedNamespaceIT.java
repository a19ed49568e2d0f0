package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.vgate.packet.DropReason;
import net.vgate.testbed.Capture;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two V-nets whose devices share a namespace, which forwards: its kernel would join them, behind the gateway's back.
 */
@SystemTest
final class SharedNamespaceIT {
    private static final Duration SHORT = Duration.ofMillis(500);

    private TestBed bed;
    private Site east;
    private Site west;

    @BeforeAll
    void start() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        east = new Site(bed, "east", bed.folder());
        west = new Site(bed, "west", bed.folder());
        bed.link(east.wan(), "wan", "198.51.100.1/24", west.wan(), "wan", "198.51.100.2/24");
        configure(east, "west", 1, 2, "shared", "shared");
        configure(west, "east", 2, 1, "blue", "red");
        east.start();
        west.start();
        east.gateway().awaitStarted();
        west.gateway().awaitStarted();
        east.awaitPaired(west, TwoSites.PAIRING);
    }

    @AfterAll
    void stop() {
        if (bed != null) {
            bed.close();
        }
    }

    /** Blue is 10.1.N.0/24, red is 10.2.N.0/24; nothing is translated. */
    private void configure(Site site, String peer, int here, int there, String blue, String red) {
        TwoSites.issue(bed.folder(), "pki", site.name(), site.name() + "-1");
        site.tenant(blue);
        site.tenant(red);
        site.configure("""
                site: SITE
                gateway: SITE-1
                identity: {certificate: pki/SITE-1.crt, key: pki/SITE-1.key, trust: [pki/ca.crt]}
                listen: {udp: 198.51.100.HERE:4433}
                peers:
                  - site: PEER
                    gateways: [{name: PEER-1, udp: 198.51.100.THERE:4433}]
                    vnets: [blue, red]
                vnets:
                  - name: blue
                    vni: 5001
                    attach: {tun: {device: vg-blue, netns: SITE-BLUE, address: 10.1.HERE.254, shared-netns: true}}
                    members: [10.1.HERE.0/24]
                    remote: [{peer: PEER, prefixes: [10.1.THERE.0/24]}]
                    policy: [{out: any}, {in: any}]
                  - name: red
                    vni: 5002
                    attach: {tun: {device: vg-red, netns: SITE-RED, address: 10.2.HERE.254, shared-netns: true}}
                    members: [10.2.HERE.0/24]
                    remote: [{peer: PEER, prefixes: [10.2.THERE.0/24]}]
                    policy: [{out: any}, {in: any}]
                """.replace("SITE", site.name())
                .replace("PEER", peer)
                .replace("THERE", Integer.toString(there))
                .replace("HERE", Integer.toString(here))
                .replace("BLUE", blue)
                .replace("RED", red));
    }

    @Test
    void bothVnetsWork() {
        west.host("blue", "10.1.2.10");
        west.host("red", "10.2.2.10");
        assertTrue(Ping.comesBack(east.host("shared", "10.1.1.10"), "10.1.2.10"));
        assertTrue(Ping.comesBack(east.host("shared", "10.2.1.10"), "10.2.2.10"));
    }

    /** A route that somebody put there leads from one device to the other. */
    @Test
    void theKernelDoesNotForwardFromOneDeviceToTheOther() {
        TestNetns shared = east.tenant("shared");
        shared.route("10.1.1.77", "dev", "vg-red");
        TestNetns host = west.host("blue", "10.1.2.10");
        try (Capture into = shared.capture("vg-blue", "icmp");
                Capture out = shared.capture("vg-red", "icmp")) {
            Ping ping = Ping.send(host, "10.1.1.77", 5, SHORT);

            assertEquals(0, ping.received());
            into.awaitPackets(5, Duration.ofSeconds(20));
            assertEquals(0, out.packets().size(), out::text);
        } finally {
            shared.ip("route", "del", "10.1.1.77", "dev", "vg-red");
        }
    }

    /** From the LAN the kernel does lead it there; it is the gateway that knows who is no member. */
    @Test
    void aMemberOfOneVnetDoesNotGetIntoTheOtherByItsDevice() {
        west.host("red", "10.2.2.10");
        long before = east.gateway().drops(DropReason.SPOOFED_SOURCE);
        Ping ping = Ping.send(east.host("shared", "10.1.1.10"), "10.2.2.10", 5, SHORT);

        assertEquals(0, ping.received());
        assertEquals(before + 5, east.gateway().drops(DropReason.SPOOFED_SOURCE));
    }

    @Test
    void onStopTheBarrierGoesWithTheDevices() {
        TestNetns shared = east.tenant("shared");
        assertTrue(shared.run("nft", "list", "tables").contains("vgate"));
        assertEquals(0, east.gateway().terminate(Duration.ofSeconds(20)));
        assertTrue(!shared.run("nft", "list", "tables").contains("vgate"));
        east.start().awaitStarted();
        east.awaitPaired(west, TwoSites.PAIRING);
    }
}
