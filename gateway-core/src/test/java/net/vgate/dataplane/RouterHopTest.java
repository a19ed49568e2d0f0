package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetFixture;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.EchoRequest;
import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterHopTest {
    private static final int HOPS = 64;

    private final MemoryDevice device = new MemoryDevice();
    private final MemberErrors errors = new MemberErrors(8, 0);
    private final RouterHop hop = new RouterHop(errors);
    private final PacketBatch batch = new PacketBatch(2, 2_000);
    private DataplanePlan plan = planOf(true);

    private DataplanePlan planOf(boolean isTap) {
        List<InterfaceAddress> own =
                List.of(new InterfaceAddress(address("10.0.0.254"), 24), new InterfaceAddress(address("fd00::fe"), 64));
        GatewayConfig.Attachment attachment = isTap
                ? new GatewayConfig.Tap(
                        "vg-blue", Optional.empty(), Optional.empty(), own, MacAddress.ofVnet(1), Optional.empty())
                : VnetFixture.tun("10.0.0.254/32", "fd00::fe/128");
        GatewayConfig.Vnet vnet = new GatewayConfig.Vnet(
                "blue",
                1,
                GatewayConfig.Kind.L3,
                attachment,
                List.of(VnetFixture.prefix("10.0.0.0/24"), VnetFixture.prefix("fd00::/64")),
                List.of(),
                List.of(),
                List.of(),
                1_000);
        VnetTable table = VnetTable.builder(0, vnet).innerMtu(1_400).build();
        DataplanePlan made = new DataplanePlan(
                new ForwardingSnapshot(1, List.of(table), List.of()), List.of(device), new int[] {0}, Map.of());
        errors.adopt(made, 0);
        return made;
    }

    private int add(String from, String to, int hops) {
        batch.clear();
        byte[] packet = EchoRequest.of(address(from), address(to), 1, new byte[8]);
        boolean isIpv4 = address(from).isIpv4();
        packet[isIpv4 ? 8 : 7] = (byte) hops;
        int slot = batch.addCopy(packet);
        batch.setVnet(slot, 0);
        assertNull(batch.inner().parse(slot));
        return slot;
    }

    private int out(String from, String to, int hops) {
        int slot = add(from, to, hops);
        hop.outbound(batch, plan.forwarding(), 0);
        errors.deliver(plan);
        return slot;
    }

    private int in(String from, String to, int hops) {
        int slot = add(from, to, hops);
        hop.inbound(batch, plan.forwarding());
        return slot;
    }

    private int hops(int slot) {
        int at = batch.offset(slot) + (batch.inner().version(slot) == 4 ? 8 : 7);
        return batch.slab().get(at) & 0xff;
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7, 10.1.0.9, 10.0.0.254", "fd00::7, fd01::9, fd00::fe"})
    void isOneHopEachWay(String member, String remote, String gateway) {
        assertEquals(HOPS - 1, hops(out(member, remote, HOPS)));
        assertEquals(HOPS - 1, hops(in(remote, member, HOPS)));
        assertNull(batch.dropReason(0));
        assertTrue(device.delivered().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7, 10.1.0.9, 10.0.0.254, 11", "fd00::7, fd01::9, fd00::fe, 3"})
    void theSenderIsToldWhereHopsEnd(String member, String remote, String gateway, int type) {
        int slot = out(member, remote, 1);
        assertEquals(DropReason.TTL_EXPIRED, batch.dropReason(slot));
        assertEquals(1, device.delivered().size());
        batch.clear();
        int error = batch.addCopy(device.delivered().get(0));
        InnerHeader inner = batch.inner();
        assertNull(inner.parse(error));
        assertEquals(type, inner.icmpType(error));
        assertEquals(address(gateway), new IpAddress(inner.sourceHi(error), inner.sourceLo(error)));
        assertEquals(address(member), new IpAddress(inner.destinationHi(error), inner.destinationLo(error)));
        assertEquals(DropReason.TTL_EXPIRED, batch.dropReason(in(remote, member, 1)));
        assertEquals(1, device.delivered().size(), "errors are for members here");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7, 10.0.0.254, 0", "fd00::7, fd00::fe, 129"})
    void answersPingsOfMembers(String member, String gateway, int type) {
        int slot = out(member, gateway, 1);
        assertNull(batch.dropReason(slot));
        InnerHeader inner = batch.inner();
        assertEquals(type, inner.icmpType(slot));
        assertEquals(address(member), new IpAddress(inner.destinationHi(slot), inner.destinationLo(slot)));
    }

    @Test
    void nothingElseIsForTheGatewayOrFromIt() {
        int slot = add("10.0.0.7", "10.0.0.254", HOPS);
        batch.slab().put(batch.inner().l4Offset(slot), (byte) IcmpHeader.ECHO_REPLY);
        assertNull(batch.inner().parse(slot));
        hop.outbound(batch, plan.forwarding(), 0);
        assertEquals(DropReason.NOT_HERE, batch.dropReason(slot));
        assertEquals(DropReason.NOT_HERE, batch.dropReason(in("10.1.0.9", "10.0.0.254", HOPS)));
        assertEquals(DropReason.SPOOFED_SOURCE, batch.dropReason(out("10.0.0.254", "10.1.0.9", HOPS)));
    }

    @Test
    void anErrorThatGoesOnWithTheGatewaysAddressIsNoForgery() {
        int slot = add("10.0.0.254", "10.1.0.9", HOPS);
        batch.slab().put(batch.inner().l4Offset(slot), (byte) IcmpHeader.TIME_EXCEEDED);
        assertNull(batch.inner().parse(slot));
        hop.outbound(batch, plan.forwarding(), 0);
        assertNull(batch.dropReason(slot));
        assertEquals(HOPS - 1, hops(slot));
    }

    @Test
    void behindATunTheKernelIsTheRouter() {
        plan = planOf(false);
        assertEquals(1, hops(out("10.0.0.7", "10.1.0.9", 1)));
        assertEquals(1, hops(in("10.1.0.9", "10.0.0.7", 1)));
        assertNull(batch.dropReason(0));
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
