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
