package net.vgate.system;

import java.nio.file.Path;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;

/** Two hosts on the WAN of {@link TwoSites#onBridge} that mean west no good. */
final class HostileSources {
    private static final String MALLORY = "198.51.100.66";

    private final Site west;
    private final Path captured;
    private final Source mallory;
    private final Source spoofer;

    /** @param captured datagrams that west has received before */
    HostileSources(TwoSites sites, Path captured) {
        this.west = sites.west();
        this.captured = captured;
        TestNetns own = sites.bed().namespace("mallory");
        Wan.join(sites.bed(), sites.underlay(), own, "mallory", MALLORY + "/24");
        own.ip("route", "add", "local", "198.18.0.0/15", "dev", "lo");
        west.wan().route("198.18.0.0/15", "via", MALLORY);
        mallory = new Source(own, MALLORY, 50_000);
        spoofer = new Source(spoofer(sites), TwoSites.EAST_WAN, TwoSites.UDP_PORT);
    }

    private TestNetns spoofer(TwoSites sites) {
        TestNetns netns = sites.bed().namespace("spoofer");
        Wan.join(sites.bed(), sites.underlay(), netns, "spoofer", TwoSites.EAST_WAN + "/24");
        netns.ip("link", "set", "wan", "arp", "off");
        String link = west.wan().run("cat", "/sys/class/net/wan/address").strip();
        netns.ip("neigh", "replace", TwoSites.WEST_WAN, "lladdr", link, "dev", "wan", "nud", "permanent");
        return netns;
    }

    /** One who has an address of its own. */
    Source mallory() {
        return mallory;
    }

    /** One who sends as if it were east-1; answers go to east, and nobody is told otherwise. */
    Source spoofer() {
        return spoofer;
    }

    /** Somewhere to send from. */
    final class Source {
        private final TestNetns netns;
        private final String address;
        private final int port;

        private Source(TestNetns netns, String address, int port) {
            this.netns = netns;
            this.address = address;
            this.port = port;
        }

        TestNetns netns() {
            return netns;
        }

        /**
         * Begins to send.
         *
         * @param to a port of west
         * @param perSecond 0 is as fast as the gateway takes them
         * @param kind see {@link HostileSender}
         */
        BackgroundProcess start(int to, int count, int perSecond, String kind) {
            return netns.start(TestBed.java(
                    HostileSender.class,
                    address,
                    Integer.toString(port),
                    TwoSites.WEST_WAN,
                    Integer.toString(to),
                    Long.toString(west.gateway().pid()),
                    Integer.toString(count),
                    Integer.toString(count),
                    captured.toString(),
                    kind,
                    Integer.toString(perSecond)));
        }
    }
}
