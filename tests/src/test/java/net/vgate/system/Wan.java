package net.vgate.system;

import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;

/** A network in the middle, for more than two sites: a namespace with a bridge, {@code br0}. */
final class Wan {
    private Wan() {}

    static TestNetns create(TestBed bed) {
        TestNetns wan = bed.namespace("wan");
        wan.setting("net/ipv6/conf/default/disable_ipv6", "1");
        wan.ip("link", "add", "br0", "type", "bridge");
        wan.ip("link", "set", "br0", "up");
        return wan;
    }

    /** A router in place of the bridge: it answers for the one end at the other, so no end knows that it is there. */
    static TestNetns createRouter(TestBed bed) {
        TestNetns wan = bed.namespace("wan");
        wan.setting("net/ipv6/conf/default/disable_ipv6", "1");
        wan.setting("net/ipv4/ip_forward", "1");
        wan.address("lo", "198.51.100.254/32");
        return wan;
    }

    /** Links a site's gateway to a router, by the router's device of the site's name. */
    static void route(TestBed bed, TestNetns router, Site site, String address) {
        bed.link(site.wan(), "wan", router, site.name());
        router.setting("net/ipv4/conf/" + site.name() + "/proxy_arp", "1");
        router.setting("net/ipv4/neigh/" + site.name() + "/proxy_delay", "0");
        router.route(address + "/32", "dev", site.name());
        site.wan().address("wan", address + "/24");
    }

    /** Links a site's gateway to it. */
    static void join(TestBed bed, TestNetns wan, Site site, String address) {
        join(bed, wan, site.wan(), site.name(), address);
    }

    /** Links a namespace to it, by its device {@code wan}. */
    static void join(TestBed bed, TestNetns wan, TestNetns netns, String port, String address) {
        bed.link(netns, "wan", wan, port);
        wan.ip("link", "set", port, "master", "br0");
        netns.address("wan", address);
    }
}
