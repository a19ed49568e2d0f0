package net.vgate.system;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import net.vgate.observe.StatusReport;
import net.vgate.observe.StatusReport.Drop;
import net.vgate.packet.DropReason;

/**
 * What became of a site's datagrams, since its gateway began.
 *
 * @param received what the kernel says to have handed in
 * @param overflowed what the kernel says to have dropped, because nobody fetched it in time
 * @param accounted what the gateway says to have opened, dropped before that, or taken for handshakes
 * @param unfetched what the gateway says of the kernel's drops
 */
record DatagramAccount(long received, long overflowed, long accounted, long unfetched) {
    private static final Set<String> UNTIL_OPENED = Set.of("receive", "handshake", "open");

    /** The account at a moment when nothing is on its way inside the gateway, and each datagram must be in it. */
    static DatagramAccount settled(Site site) {
        long began = System.nanoTime();
        DatagramAccount now = of(site);
        while (now.received() != now.accounted() || now.overflowed() != now.unfetched()) {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(20)) {
                throw new AssertionError(site + " does not account for all: " + now + ", "
                        + site.gateway().status().drops());
            }
            now = of(site);
        }
        return now;
    }

    private static DatagramAccount of(Site site) {
        long received = kernelCounter(site, "InDatagrams");
        long overflowed = kernelCounter(site, "RcvbufErrors");
        StatusReport status = site.gateway().status();
        long unfetched =
                dropped(status, drop -> drop.reason().equals(DropReason.QUEUE_FULL.label()) && isUntilOpened(drop));
        long opened = status.tunnels().stream()
                .mapToLong(tunnel -> tunnel.in().records())
                .sum();
        StatusReport.HandshakeDatagrams handshakes = status.gateway().handshakeDatagrams();
        long accounted = opened
                + dropped(status, DatagramAccount::isUntilOpened)
                - unfetched
                + handshakes.challenged()
                + handshakes.taken();
        return new DatagramAccount(received, overflowed, accounted, unfetched);
    }

    private static boolean isUntilOpened(Drop drop) {
        return UNTIL_OPENED.contains(drop.stage());
    }

    private static long dropped(StatusReport status, Predicate<Drop> which) {
        return status.drops().stream().filter(which).mapToLong(Drop::packets).sum();
    }

    /** Of the UDP sockets in the gateway's namespace, which are its own two. */
    private static long kernelCounter(Site site, String name) {
        List<String> lines =
                site.wan().run("grep", "^Udp:", "/proc/net/snmp").lines().toList();
        int column = List.of(lines.get(0).split(" ", -1)).indexOf(name);
        return Long.parseLong(lines.get(1).split(" ", -1)[column]);
    }
}
