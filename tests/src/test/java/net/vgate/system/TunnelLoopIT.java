package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A V-net is attached in the namespace where the gateway's sockets are, which is itself a member, and a route of the
 * V-net covers the peer: what the gateway seals would come back to it, to be sealed again.
 */
@SystemTest
final class TunnelLoopIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private TestBed bed;
    private Site east;
    private Site west;

    @BeforeEach
    void configure() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        east = new Site(bed, "east", bed.folder());
        west = new Site(bed, "west", bed.folder());
        bed.link(east.wan(), "wan", "198.51.100.1/24", west.wan(), "wan", "198.51.100.2/24");
        // The peer calls: no address that the configuration could be checked for.
        configure(east, "west", "", 1, 2);
        configure(west, "east", ", udp: 198.51.100.1:4433", 2, 1);
    }

    @AfterEach
    void stop() {
        if (bed != null) {
            bed.close();
        }
    }

    private void configure(Site site, String peer, String udp, int here, int there) {
        TwoSites.issue(bed.folder(), "pki", site.name(), site.name() + "-1");
        site.configure("""
                site: SITE
                gateway: SITE-1
                identity: {certificate: pki/SITE-1.crt, key: pki/SITE-1.key, trust: [pki/ca.crt]}
                listen: {udp: 198.51.100.HERE:4433}
                peers:
                  - site: PEER
                    gateways: [{name: PEER-1UDP}]
                    vnets: [blue]
                vnets:
                  - name: blue
                    vni: 5001
                    attach: {tun: {device: vg-blue, netns: gateway, address: 10.1.HERE.254}}
                    members: [10.1.HERE.0/24, 198.51.100.HERE]
                    remote: [{peer: PEER, prefixes: [10.1.THERE.0/24]}]
                    policy: [{out: any}, {in: any}]
                """.replace("SITE", site.name())
                .replace("PEER", peer)
                .replace("UDP", udp)
                .replace("THERE", Integer.toString(there))
                .replace("HERE", Integer.toString(here)));
    }

    @Test
    void whatIsSealedDoesNotComeBackToBeSealedAgain() {
        east.start().awaitStarted();
        west.start().awaitStarted();
        east.awaitPaired(west, TwoSites.PAIRING);
        long before = out();

        east.change(text -> text.replace("[10.1.2.0/24]", "[10.1.2.0/24, 198.51.100.2]"));
        assertTrue(reload().isSuccess());

        TestBed.await(
                "a record is told by its look", PATIENCE, () -> east.gateway().drops(DropReason.TUNNEL_LOOP) > 0);
        assertEquals(before, out(), "records went into the tunnel");
    }

    /** What is attached there by the namespace's name would escape the checks of the configuration. */
    @Test
    void theGatewaysNamespaceByItsNameIsRefused() {
        east.change(
                text -> text.replace("netns: gateway", "netns: " + east.wan().name()));
        Command.Result result = east.wan()
                .attempt(
                        RunningGateway.START,
                        RunningGateway.vgate("run", "-c", east.configuration().toString())
                                .toArray(String[]::new));

        assertEquals(3, result.exitCode(), result::output);
        assertTrue(
                result.output().contains("is the one that the gateway runs in; write \"netns: gateway\""),
                result::output);
    }

    private long out() {
        return east.gateway().status().vnets().stream()
                .map(StatusReport.Vnet::out)
                .mapToLong(StatusReport.Traffic::packets)
                .sum();
    }

    private Command.Result reload() {
        return Command.attempt(
                Command.favoured(
                        RunningGateway.vgate("reload", "--socket", east.socket().toString())),
                Command.DEADLINE);
    }
}
