package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.vgate.attachment.Neighbor;
import net.vgate.attachment.NeighborState;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.control.Neighborhood.Link;
import net.vgate.forwarding.VnetFixture;
import net.vgate.observe.NeighborsReport;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.junit.jupiter.api.Test;

class NeighborhoodTest {
    private static final MacAddress MAC = new MacAddress(0x0200_0000_0007L);

    private final List<Link> links = new ArrayList<>();
    private final Neighborhood neighborhood = new Neighborhood(() -> links);

    private static Vnet vnet(String name, GatewayConfig.Attachment attachment) {
        return new Vnet(name, 1, GatewayConfig.Kind.L3, attachment, List.of(), List.of(), List.of(), List.of(), 1_000);
    }

    private static GatewayConfig.Tap tap() {
        return new GatewayConfig.Tap("vg-tap", Optional.empty(), Optional.empty(), List.of(), MAC, Optional.empty());
    }

    private static List<Neighbor> neighbors(int count) {
        List<Neighbor> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // In no order: the odd ones first, from above.
            int number = i < count / 2 ? 2 * (count / 2 - i) - 1 : 2 * (i - count / 2);
            IpAddress address = IpAddress.ofIpv4(0x0a00_0000 + number);
            all.add(new Neighbor(address, MAC, null, NeighborState.REACHABLE, 5_999_999_999L));
        }
        return all;
    }

    @Test
    void showsAllByVnetAndAddress() {
        links.add(new Link(vnet("red", tap()), action -> neighbors(3).forEach(action)));
        IpAddress asked = IpAddress.parse("fd00::9").orElseThrow();
        links.add(new Link(
                vnet("blue", tap()),
                action -> action.accept(new Neighbor(asked, null, null, NeighborState.INCOMPLETE, 999_999_999))));
        links.add(new Link(vnet("green", tap()), null));
        NeighborsReport report = neighborhood.report("");
        assertEquals(
                List.of(
                        new NeighborsReport.Neighbor("red", "10.0.0.0", MAC.toString(), null, "reachable", 5),
                        new NeighborsReport.Neighbor("red", "10.0.0.1", MAC.toString(), null, "reachable", 5),
                        new NeighborsReport.Neighbor("red", "10.0.0.2", MAC.toString(), null, "reachable", 5),
                        new NeighborsReport.Neighbor("blue", "fd00::9", null, null, "incomplete", 0)),
                report.neighbors());
        assertEquals(0, report.leftOut());
        assertNull(report.problem());
        assertEquals(
                report.neighbors().subList(3, 4), neighborhood.report("blue").neighbors());
    }

    @Test
    void leavesOutTheLastAndSaysHowMany() {
        links.add(new Link(
                vnet("red", tap()), action -> neighbors(Neighborhood.MOST - 1).forEach(action)));
        links.add(new Link(vnet("blue", tap()), action -> neighbors(20).forEach(action)));
        links.add(new Link(vnet("green", tap()), action -> neighbors(4).forEach(action)));
        NeighborsReport report = neighborhood.report("");
        assertEquals(Neighborhood.MOST, report.neighbors().size());
        NeighborsReport.Neighbor last = report.neighbors().get(Neighborhood.MOST - 1);
        assertEquals("blue 10.0.0.0", last.vnet() + " " + last.address());
        assertEquals(23, report.leftOut());
        assertEquals(20, neighborhood.report("blue").neighbors().size());
    }

    /** While a table grows. */
    @Test
    void whatIsSeenTwiceIsShownOnce() {
        links.add(new Link(vnet("red", tap()), action -> {
            neighbors(5).forEach(action);
            neighbors(5).forEach(action);
        }));
        assertEquals(5, neighborhood.report("").neighbors().size());
        assertEquals(0, neighborhood.report("").leftOut());
    }

    @Test
    void saysInALineWhyThereIsNoAnswer() {
        links.add(new Link(vnet("blue", VnetFixture.tun()), action -> {}));
        links.add(new Link(vnet("green", tap()), null));
        assertEquals(
                "V-net blue has TUN device vg-blue, behind which the kernel finds the neighbors; ask it by ip neighbor",
                neighborhood.report("blue").problem());
        assertEquals(
                "V-net green is without its device; device_failed in the log says why",
                neighborhood.report("green").problem());
        String unknown = neighborhood.report("gre\nen").problem();
        assertEquals("there is no V-net \"gre?en\"; did you mean green?", unknown);
    }
}
