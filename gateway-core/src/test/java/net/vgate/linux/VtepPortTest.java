package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.MemberStation;
import net.vgate.attachment.MemberStations;
import net.vgate.attachment.Neighbor;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.attachment.VtepRequest;
import net.vgate.encap.VtepEncapsulation;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.ArpPacket;
import net.vgate.packet.Checksum;
import net.vgate.packet.DropReason;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.NeighborMessage;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.Prefix;
import net.vgate.policy.Packets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A port at 127.0.0.1, whose switches are sockets of the test at 127.0.0.2 and 127.0.0.3. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class VtepPortTest {
    private static final int BLUE = 7001;
    private static final int RED = 7002;
    private static final long GATEWAY_MAC = 0x0200_5e00_0101L;
    private static final long VM_MAC = 0x0200_0000_000aL;
    private static final int GATEWAY = 0x0a00_00fe;
    private static final int VM = 0x0a00_000a;
    private static final IpAddress GATEWAY_V6 = new IpAddress(0xfd00L << 48, 0xfe);
    private static final IpAddress VM_V6 = new IpAddress(0xfd00L << 48, 0xa);
    private static final int AWAY = 0x0a01_0009;
    private static final int HEADERS = VtepEncapsulation.WRITTEN_BYTES + EthernetHeader.BYTES;

    private final VtepEncapsulation encapsulation;
    private final PacketBatch batch = PacketBatch.packed(64, 4 * PacketBatch.MAX_ROOM_BYTES);
    private DatagramSocket second;
    private DatagramSocket third;
    private VtepPort port;
    private VtepDevice blue;
    private VtepDevice red;

    VtepPortTest(VtepEncapsulation encapsulation) {
        this.encapsulation = encapsulation;
    }

    @BeforeEach
    void open() throws IOException {
        second = new DatagramSocket(at("127.0.0.2", 0));
        third = new DatagramSocket(at("127.0.0.3", second.getLocalPort()));
        second.setSoTimeout(10_000);
        third.setSoTimeout(10_000);
        port = VtepPort.open(endpoint("lo"), Offloads.ALL, 1, System::nanoTime);
        blue = port.add(request(BLUE, "127.0.0.2", "127.0.0.3"));
        red = port.add(request(RED, "127.0.0.3"));
    }

    private static InetSocketAddress at(String address, int udpPort) {
        return new InetSocketAddress(IpAddress.parse(address).orElseThrow().toInetAddress(), udpPort);
    }

    @AfterEach
    void close() {
        port.close();
        second.close();
        third.close();
    }

    private VtepEndpoint endpoint(String device) {
        InetSocketAddress own = new InetSocketAddress(InetAddress.getLoopbackAddress(), second.getLocalPort());
        return new VtepEndpoint("rack", encapsulation, device, own);
    }

    private VtepRequest request(int vni, String... locators) {
        return new VtepRequest(
                endpoint("lo"),
                vni,
                Arrays.stream(locators)
                        .map(one -> IpAddress.parse(one).orElseThrow())
                        .toList(),
                List.of(new InterfaceAddress(IpAddress.ofIpv4(GATEWAY), 24), new InterfaceAddress(GATEWAY_V6, 64)),
                new MacAddress(GATEWAY_MAC),
                1_400,
                List.of(
                        Prefix.parse("10.0.0.0/24").orElseThrow(),
                        Prefix.parse("fd00::/64").orElseThrow()));
    }

    private byte[] frame(int vni, long destination, int etherType, byte[] payload) {
        return frame(vni, destination, VM_MAC, etherType, payload);
    }

    private byte[] frame(int vni, long destination, long source, int etherType, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(HEADERS + payload.length);
        encapsulation.write(frame, 0, vni);
        EthernetHeader.write(frame, VtepEncapsulation.WRITTEN_BYTES, destination, source, etherType);
        return frame.put(HEADERS, payload).array();
    }

    private byte[] arp(int operation, int target) {
        return arp(operation, VM_MAC, VM, target);
    }

    private static byte[] arp(int operation, long mac, int sender, int target) {
        ByteBuffer arp = ByteBuffer.allocate(ArpPacket.BYTES);
        ArpPacket.write(arp, 0, operation, mac, sender, 0, target);
        return arp.array();
    }

    private void send(DatagramSocket from, byte[] datagram) throws IOException {
        from.send(
                new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), second.getLocalPort()));
    }

    private static byte[] receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        at.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** Fills the batch with {@code count} packets or more. */
    private void read(int count) {
        batch.clear();
        while (batch.size() < count) {
            port.queue(0).readBatch(batch, 64, 1 << 20);
        }
    }

    private static byte[] udp(int from, int to, int payloadBytes) {
        return packet(from, to, 17, Packets.udpPayload(1, 2, payloadBytes));
    }

    private static byte[] packet(int from, int to, int protocol, byte[] payload) {
        return Packets.ip(
                IpAddress.ofIpv4(from).toString(), IpAddress.ofIpv4(to).toString(), protocol, payload);
    }

    /** A segment of TCP, whose checksum nobody has made. */
    private static byte[] tcp(byte[] payload) {
        return ByteBuffer.allocate(20 + payload.length)
                .putInt(0x0001_0002)
                .putInt(1)
                .putInt(1)
                .putShort((short) 0x5010)
                .put(20, payload)
                .array();
    }

    private void write(VtepDevice device, byte[] packet) {
        batch.clear();
        assertNull(batch.inner().parse(batch.addCopy(packet)));
        device.writeBatch(batch, new int[] {0}, 1);
    }

    @Test
    void packetsForTheGatewayComeInWithTheirVni() throws IOException {
        byte[] packet = udp(VM, AWAY, 100);
        send(second, frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, packet));
        send(third, frame(RED, GATEWAY_MAC, EthernetHeader.IPV4, packet));
        read(2);
        for (int slot = 0; slot < 2; slot++) {
            assertNull(batch.dropReason(slot));
            assertArrayEquals(packet, batch.copyOut(slot));
        }
        assertEquals(BLUE, batch.vnet(0));
        assertEquals(RED, batch.vnet(1));
    }

    @Test
    void unknownPairsAndForeignStationsAreDropped() throws IOException {
        byte[] packet = udp(VM, AWAY, 100);
        send(second, frame(RED, GATEWAY_MAC, EthernetHeader.IPV4, packet));
        read(1);
        assertEquals(DropReason.UNKNOWN_VTEP, batch.dropReason(0));
        send(second, frame(BLUE + 7, GATEWAY_MAC, EthernetHeader.IPV4, packet));
        read(1);
        assertEquals(DropReason.UNKNOWN_VTEP, batch.dropReason(0));
        send(second, frame(BLUE, GATEWAY_MAC + 1, EthernetHeader.IPV4, packet));
        read(1);
        assertEquals(DropReason.NOT_FOR_GATEWAY, batch.dropReason(0));
        send(second, frame(BLUE, GATEWAY_MAC, 0x8100, packet));
        read(1);
        assertEquals(DropReason.UNSUPPORTED, batch.dropReason(0));
        send(second, Arrays.copyOf(frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, packet), HEADERS - 1));
        read(1);
        assertEquals(DropReason.MALFORMED, batch.dropReason(0));
    }

    /** One question to each switch; what waited goes to the one that answered, and what follows as well. */
    @Test
    void membersAreAskedForAndFoundBehindTheirSwitch() throws IOException {
        byte[] waiting = udp(AWAY, VM, 50);
        write(blue, waiting);
        assertTrue(batch.isLive(0), "it waits");
        for (DatagramSocket at : List.of(second, third)) {
            byte[] asked = receive(at);
            assertEquals(BLUE, encapsulation.vni(ByteBuffer.wrap(asked), 0));
            assertEquals(VM, ArpPacket.target(ByteBuffer.wrap(asked), HEADERS));
        }
        send(third, frame(BLUE, GATEWAY_MAC, EthernetHeader.ARP, arp(ArpPacket.REPLY, GATEWAY)));
        read(1);
        assertEquals(DropReason.CONSUMED, batch.dropReason(0));
        byte[] arrived = receive(third);
        assertArrayEquals(waiting, Arrays.copyOfRange(arrived, HEADERS, arrived.length));
        assertEquals(VM_MAC, EthernetHeader.destination(ByteBuffer.wrap(arrived), VtepEncapsulation.WRITTEN_BYTES));
        assertEquals("10.0.0.10 02:00:00:00:00:0a 127.0.0.3 REACHABLE", shown(blue));
        byte[] next = udp(AWAY, VM, 60);
        write(blue, next);
        arrived = receive(third);
        assertArrayEquals(next, Arrays.copyOfRange(arrived, HEADERS, arrived.length));
        // It moves, and says so to everybody.
        send(second, frame(BLUE, MacAddress.BROADCAST, EthernetHeader.ARP, arp(ArpPacket.REQUEST, VM)));
        read(1);
        write(blue, next);
        arrived = receive(second);
        assertArrayEquals(next, Arrays.copyOfRange(arrived, HEADERS, arrived.length));
        // What one V-net's members said is nothing that another one knows.
        write(red, next);
        assertEquals(VM, ArpPacket.target(ByteBuffer.wrap(receive(third)), HEADERS));
        assertEquals("10.0.0.10 02:00:00:00:00:0a 127.0.0.2 REACHABLE", shown(blue));
        assertEquals("10.0.0.10 null null INCOMPLETE", shown(red));
        assertEquals(Optional.empty(), red.neighbor(IpAddress.ofIpv4(VM + 1)));
    }

    /** All of a V-net's neighbors, which one by one are the same. */
    private static String shown(VtepDevice device) {
        List<String> lines = new ArrayList<>();
        device.forEachNeighbor(one -> {
            lines.add(one.address() + " " + one.mac() + " " + one.locator() + " " + one.state());
            Neighbor again = device.neighbor(one.address()).orElseThrow();
            assertEquals(one.mac(), again.mac());
            assertEquals(one.state(), again.state());
        });
        return String.join(", ", lines);
    }

    @Test
    void superPacketsAreCutIntoDatagramsInOrder() throws IOException {
        send(second, frame(BLUE, GATEWAY_MAC, EthernetHeader.ARP, arp(ArpPacket.REQUEST, GATEWAY)));
        read(1);
        receive(second);
        byte[] payload = new byte[30_000];
        new SplittableRandom(1).nextBytes(payload);
        byte[] packet = packet(AWAY, VM, 6, tcp(payload));
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        batch.setGso(slot, GsoType.TCP4, 1_000);
        batch.setParts(slot, 30);
        batch.setChecksumState(slot, ChecksumState.PARTIAL);
        blue.writeBatch(batch, new int[] {slot}, 1);
        assertNull(batch.dropReason(slot));
        for (int part = 0; part < 30; part++) {
            byte[] datagram = receive(second);
            int start = HEADERS + 40;
            assertArrayEquals(
                    Arrays.copyOfRange(payload, part * 1_000, (part + 1) * 1_000),
                    Arrays.copyOfRange(datagram, start, datagram.length));
            PacketBatch whole = new PacketBatch(1, 2_000);
            int arrived = whole.addCopy(Arrays.copyOfRange(datagram, HEADERS, datagram.length));
            assertNull(whole.inner().parse(arrived));
            int sum = Checksum.add(
                    Checksum.pseudoHeader(whole.inner(), arrived, 1_020),
                    Checksum.sum(whole.slab(), whole.inner().l4Offset(arrived), 1_020));
            assertEquals(0xffff, sum, "its checksum is whole");
        }
    }

    private static IpAddress ip(int ipv4) {
        return IpAddress.ofIpv4(ipv4);
    }

    private static MemberStation written(@Nullable Long mac, @Nullable String locator) {
        return new MemberStation(
                mac == null ? null : new MacAddress(mac),
                locator == null ? null : IpAddress.parse(locator).orElseThrow());
    }

    /**
     * Whoever says it from elsewhere is not heard, whatever way it is said; and who moves, moves when it is written.
     */
    @Test
    void aMemberIsWhereItIsWritten() throws IOException {
        MemberTable members = new MemberTable();
        blue.goBy(members);
        members.set(ip(VM), MemberState.JOINED, written(null, "127.0.0.2"));
        byte[] out = frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, udp(VM, AWAY, 20));
        byte[] question = frame(BLUE, MacAddress.BROADCAST, EthernetHeader.ARP, arp(ArpPacket.REQUEST, GATEWAY));
        byte[] answer = frame(BLUE, GATEWAY_MAC, EthernetHeader.ARP, arp(ArpPacket.REPLY, GATEWAY));
        for (byte[] lie : List.of(out, question, answer)) {
            send(third, lie);
            read(1);
            assertEquals(DropReason.MEMBER_ELSEWHERE, batch.dropReason(0));
        }
        assertEquals("", shown(blue), "nothing is learnt of it");
        byte[] to = udp(AWAY, VM, 50);
        write(blue, to);
        receive(second);
        assertEquals(ArpPacket.REQUEST, ArpPacket.operation(ByteBuffer.wrap(receive(third)), HEADERS), "no answer");
        send(second, answer);
        read(1);
        assertEquals(DropReason.CONSUMED, batch.dropReason(0));
        assertArrayEquals(to, payload(receive(second)));
        send(second, out);
        read(1);
        assertNull(batch.dropReason(0));

        members.set(ip(VM), MemberState.JOINED, written(null, "127.0.0.3"));
        write(blue, to);
        assertArrayEquals(to, payload(receive(third)), "at once");
        assertEquals("10.0.0.10 02:00:00:00:00:0a 127.0.0.3 WRITTEN", shown(blue));
        send(second, out);
        read(1);
        assertEquals(DropReason.MEMBER_ELSEWHERE, batch.dropReason(0));
        send(third, out);
        read(1);
        assertNull(batch.dropReason(0));

        // It is another V-net's member of this address that is somewhere.
        red.goBy(new MemberTable());
        send(third, frame(RED, GATEWAY_MAC, EthernetHeader.IPV4, udp(VM, AWAY, 20)));
        read(1);
        assertNull(batch.dropReason(0));
    }

    /** Neighbor discovery speaks for the asker, or for the target of an advertisement. */
    @Test
    void neighborDiscoverySpeaksOnlyFromWhereTheMemberIs() throws IOException {
        MemberTable members = new MemberTable();
        blue.goBy(members);
        members.set(VM_V6, MemberState.JOINED, written(VM_MAC, "127.0.0.2"));
        byte[] question = discovery(NeighborMessage.SOLICITATION, VM_V6, GATEWAY_V6, GATEWAY_V6, VM_MAC);
        byte[] answer = discovery(NeighborMessage.ADVERTISEMENT, VM_V6, GATEWAY_V6, VM_V6, VM_MAC);
        byte[] ofOther = discovery(NeighborMessage.ADVERTISEMENT, VM_V6, GATEWAY_V6, VM_V6, VM_MAC + 1);
        byte[] asOther = discovery(NeighborMessage.SOLICITATION, VM_V6, GATEWAY_V6, GATEWAY_V6, VM_MAC + 1);
        for (byte[] lie : List.of(question, answer)) {
            send(third, frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV6, lie));
            read(1);
            assertEquals(DropReason.MEMBER_ELSEWHERE, batch.dropReason(0));
        }
        for (byte[] lie : List.of(ofOther, asOther)) {
            send(second, frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV6, lie));
            read(1);
            assertEquals(DropReason.MEMBER_ELSEWHERE, batch.dropReason(0));
        }
        assertEquals("", shown(blue));
        for (byte[] truth : List.of(question, answer)) {
            send(second, frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV6, truth));
            read(1);
            assertEquals(DropReason.CONSUMED, batch.dropReason(0));
        }
        assertEquals("fd00::a 02:00:00:00:00:0a 127.0.0.2 REACHABLE", shown(blue));
    }

    private static byte[] discovery(int type, IpAddress from, IpAddress to, IpAddress target, long mac) {
        ByteBuffer message = ByteBuffer.allocate(NeighborMessage.WRITTEN_BYTES);
        int flags = type == NeighborMessage.ADVERTISEMENT ? NeighborMessage.OVERRIDE : 0;
        NeighborMessage.write(
                message, 0, type, from.hi(), from.lo(), to.hi(), to.lo(), target.hi(), target.lo(), flags, mac);
        return message.array();
    }

    private static byte[] payload(byte[] datagram) {
        return Arrays.copyOfRange(datagram, HEADERS, datagram.length);
    }

    /** Nobody is asked for a member of which all is written; and a locator that is taken away leads nowhere. */
    @Test
    void whatIsWrittenNeedsNoAnswer() throws IOException {
        MemberTable members = new MemberTable();
        blue.goBy(members);
        members.set(ip(VM), MemberState.JOINED, written(VM_MAC + 1, "127.0.0.3"));
        byte[] to = udp(AWAY, VM, 50);
        write(blue, to);
        byte[] arrived = receive(third);
        assertArrayEquals(to, payload(arrived));
        assertEquals(VM_MAC + 1, EthernetHeader.destination(ByteBuffer.wrap(arrived), VtepEncapsulation.WRITTEN_BYTES));
        blue.link().change(request(BLUE, "127.0.0.2"));
        write(blue, to);
        assertEquals(
                ArpPacket.REQUEST, ArpPacket.operation(ByteBuffer.wrap(receive(second)), HEADERS), "asked in vain");
        blue.goBy(MemberStations.ANY);
        send(second, frame(BLUE, GATEWAY_MAC, EthernetHeader.ARP, arp(ArpPacket.REPLY, GATEWAY)));
        read(1);
        assertEquals(DropReason.CONSUMED, batch.dropReason(0));
        assertArrayEquals(to, payload(receive(second)));
    }

    /**
     * Statements and packets of all kinds, from everywhere, against what one would say who reads the list each time.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithWhoReadsTheList(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        MemberTable members = new MemberTable();
        blue.goBy(members);
        MemberStation[] list = new MemberStation[3];
        Arrays.fill(list, MemberStation.ANY);
        int elsewhere = 0;
        for (int round = 0; round < 1_500; round++) {
            int member = random.nextInt(list.length);
            if (random.nextInt(6) == 0) {
                list[member] = written(
                        random.nextBoolean() ? VM_MAC + random.nextInt(2) : null,
                        random.nextBoolean() ? "127.0.0." + (2 + random.nextInt(2)) : null);
                boolean isListed = random.nextInt(4) > 0;
                members.set(ip(VM + member), isListed ? MemberState.JOINED : null, list[member]);
                list[member] = isListed ? list[member] : MemberStation.ANY;
            }
            long mac = VM_MAC + random.nextInt(2);
            int from = 2 + random.nextInt(2);
            // Of a statement, what it says and where its frame is from.
            boolean isStatement = random.nextBoolean();
            long frameMac = isStatement && random.nextInt(3) == 0 ? VM_MAC + random.nextInt(2) : mac;
            boolean isAllowed = (list[member].mac() == null
                            || (list[member].mac().bits() == mac
                                    && list[member].mac().bits() == frameMac))
                    && (list[member].locator() == null
                            || list[member].locator().toString().equals("127.0.0." + from));
            boolean isToUs = random.nextBoolean();
            byte[] said = isStatement
                    ? arp(
                            random.nextBoolean() ? ArpPacket.REPLY : ArpPacket.REQUEST,
                            mac,
                            VM + member,
                            isToUs ? GATEWAY : AWAY)
                    : udp(VM + member, AWAY, 10);
            int type = isStatement ? EthernetHeader.ARP : EthernetHeader.IPV4;
            send(from == 2 ? second : third, frame(BLUE, GATEWAY_MAC, frameMac, type, said));
            read(1);
            DropReason ofStatement = isToUs ? DropReason.CONSUMED : DropReason.NOT_FOR_GATEWAY;
            DropReason otherwise = isStatement ? ofStatement : null;
            assertEquals(isAllowed ? otherwise : DropReason.MEMBER_ELSEWHERE, batch.dropReason(0), "round " + round);
            elsewhere += isAllowed ? 0 : 1;
            String where = shown(blue);
            for (int i = 0; i < list.length; i++) {
                for (String line : where.split(", ", -1)) {
                    if (line.startsWith(ip(VM + i) + " ") && !line.endsWith(" INCOMPLETE")) {
                        String[] words = line.split(" ", -1);
                        assertTrue(
                                list[i].mac() == null
                                        || list[i].mac().toString().equals(words[1]),
                                line);
                        assertTrue(
                                list[i].locator() == null
                                        || list[i].locator().toString().equals(words[2]),
                                line);
                    }
                }
            }
        }
        assertTrue(elsewhere > 200, elsewhere + " were elsewhere");
    }

    /**
     * Where another station was heard is not where this one is; the link is asked, and nobody waits for half a minute.
     */
    @Test
    void anotherAddressThatIsWrittenIsLookedFor() throws IOException {
        MemberTable members = new MemberTable();
        blue.goBy(members);
        members.set(ip(VM), MemberState.JOINED);
        send(second, frame(BLUE, GATEWAY_MAC, EthernetHeader.ARP, arp(ArpPacket.REQUEST, GATEWAY)));
        read(1);
        receive(second);
        byte[] to = udp(AWAY, VM, 50);
        write(blue, to);
        assertArrayEquals(to, payload(receive(second)));

        members.set(ip(VM), MemberState.JOINED, written(VM_MAC + 1, null));
        write(blue, to);
        assertEquals(ArpPacket.REQUEST, ArpPacket.operation(ByteBuffer.wrap(receive(second)), HEADERS));
        assertEquals(ArpPacket.REQUEST, ArpPacket.operation(ByteBuffer.wrap(receive(third)), HEADERS));
        byte[] answer = arp(ArpPacket.REPLY, VM_MAC + 1, VM, GATEWAY);
        send(second, frame(BLUE, GATEWAY_MAC, VM_MAC, EthernetHeader.ARP, answer));
        read(1);
        assertEquals(DropReason.MEMBER_ELSEWHERE, batch.dropReason(0), "in a frame of another station");
        send(third, frame(BLUE, GATEWAY_MAC, VM_MAC + 1, EthernetHeader.ARP, answer));
        read(1);
        assertEquals(DropReason.CONSUMED, batch.dropReason(0));
        assertArrayEquals(to, payload(receive(third)));
    }

    /** Nobody has to answer any more, and what waited for that goes first. */
    @Test
    void whatWaitsGoesWhenAllIsWritten() throws IOException {
        MemberTable members = new MemberTable();
        blue.goBy(members);
        byte[] first = udp(AWAY, VM, 50);
        byte[] next = udp(AWAY, VM, 60);
        write(blue, first);
        receive(second);
        receive(third);
        members.set(ip(VM), MemberState.JOINED, written(VM_MAC, "127.0.0.3"));
        write(blue, next);
        assertArrayEquals(first, payload(receive(third)));
        assertArrayEquals(next, payload(receive(third)));
    }

    /** What is written of members costs their packets no garbage. */
    @Test
    void judgingAllocatesNothing() {
        MemberTable members = new MemberTable();
        members.set(ip(VM), MemberState.JOINED, written(VM_MAC, "127.0.0.3"));
        blue.goBy(members);
        EthernetLink link = blue.link().ethernet();
        IpAddress vm = ip(VM);
        long there = link.stationOf(vm.hi(), vm.lo(), NeighborTable.UNKNOWN);
        Allocations.assertNone(10_000, () -> {
            boolean isRight = link.maySpeak(vm.hi(), vm.lo(), there)
                    && !link.maySpeak(vm.hi(), vm.lo(), there + 1)
                    && link.stationOf(vm.hi(), vm.lo(), there + 1) == there;
            if (!isRight) {
                throw new AssertionError();
            }
        });
    }

    /** As much as was fetched and does not fit a turn is told to whoever reads: epoll does not know of it. */
    @Test
    void nothingIsLeftThatNobodyKnowsOf() throws IOException {
        int sent = 100;
        for (int payload = 1_340; payload < 1_400; payload += 3) {
            for (int i = 0; i < sent; i++) {
                byte[] datagram = frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, udp(VM, AWAY, payload));
                send(i % 7 == 0 ? third : second, datagram);
            }
            assertEquals(sent, readAsWorkersDo(), "payload of " + payload);
        }
    }

    /** Until it looks as if there were no more; returns how many packets there were. */
    private int readAsWorkersDo() {
        int limit = 64;
        int byteLimit = 64 << 10;
        int packets = 0;
        boolean mayBeMore = true;
        while (mayBeMore) {
            batch.clear();
            int got = port.queue(0).readBatch(batch, limit, byteLimit);
            int bytes = 0;
            for (int slot = 0; slot < batch.size(); slot++) {
                bytes += batch.length(slot);
            }
            packets += got;
            mayBeMore = got == limit || bytes >= byteLimit || !batch.hasRoom(PacketBatch.MAX_PACKET_BYTES);
        }
        return packets;
    }

    @Test
    void everyWorkersSocketIsHeard() throws IOException {
        port.close();
        port = VtepPort.open(endpoint("lo"), Offloads.ALL, 2, System::nanoTime);
        blue = port.add(request(BLUE, "127.0.0.2", "127.0.0.3"));
        int[] heard = new int[2];
        for (int flow = 0; flow < 64; flow++) {
            try (DatagramSocket one = new DatagramSocket(at("127.0.0.2", 0))) {
                send(one, frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, udp(VM, AWAY, 10)));
            }
        }
        while (heard[0] + heard[1] < 64) {
            for (int worker = 0; worker < 2; worker++) {
                batch.clear();
                heard[worker] += port.queue(worker).readBatch(batch, 64, 1 << 20);
            }
        }
        assertTrue(heard[0] > 8 && heard[1] > 8, () -> Arrays.toString(heard));
    }

    @Test
    void whatNobodyFetchesInTimeIsCounted() throws IOException {
        byte[] datagram = frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, udp(VM, AWAY, 1_300));
        for (int i = 0; i < 10_000; i++) {
            send(second, datagram);
        }
        long dropped = port.kernelDrops();
        assertTrue(dropped > 0, "10,000 datagrams are more than fit");
        assertEquals(10_000, dropped + readAsWorkersDo());
        port.close();
        assertEquals(dropped, port.kernelDrops());
    }

    private static String failure(Executable attempt) {
        return String.valueOf(assertThrows(DeviceException.class, attempt).getMessage());
    }

    @Test
    void aPortIsOpenedOnceAndAnInterfaceMustBeThere() {
        String taken = failure(() -> VtepPort.open(endpoint("lo"), Offloads.ALL, 2, System::nanoTime));
        assertTrue(taken.contains("bind to 127.0.0.1:") && taken.contains("in use"), taken);
        String twice = failure(() -> port.add(request(BLUE, "127.0.0.2")));
        assertEquals("another V-net has this VNI at the port", twice);
        blue.close();
        assertFalse(port.isEmpty());
        red.close();
        assertTrue(port.isEmpty());
        String missing = failure(() -> VtepPort.open(endpoint("nowhere0"), Offloads.ALL, 1, System::nanoTime));
        assertTrue(missing.contains("bind to interface nowhere0"), missing);
    }

    /** Whatever the switches' network sends: nothing is thrown, and only what is configured is let in. */
    @Test
    void anyDatagramIsJudged() throws IOException {
        SplittableRandom random = new SplittableRandom(8926);
        List<byte[]> seeds = List.of(
                frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, udp(VM, AWAY, 40)),
                frame(BLUE, GATEWAY_MAC, EthernetHeader.ARP, arp(ArpPacket.REQUEST, GATEWAY)),
                frame(RED, GATEWAY_MAC, EthernetHeader.IPV6, Packets.ip("fd00::a", "fd00::fe", 58, new byte[] {
                    (byte) 135, 0, 0, 0, 0, 0, 0, 0
                })),
                frame(BLUE, GATEWAY_MAC, EthernetHeader.IPV4, packet(VM, AWAY, 6, tcp(new byte[20]))));
        int live = 0;
        for (int round = 0; round < 4_000; round++) {
            byte[] datagram = seeds.get(random.nextInt(seeds.size())).clone();
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                datagram[random.nextInt(datagram.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(4) == 0) {
                datagram = Arrays.copyOf(datagram, random.nextInt(datagram.length + 1));
            }
            boolean fromSecond = random.nextBoolean();
            send(fromSecond ? second : third, datagram);
            read(1);
            assertEquals(1, batch.size());
            if (batch.isLive(0)) {
                live++;
                assertTrue(batch.vnet(0) == BLUE || (batch.vnet(0) == RED && !fromSecond));
                assertEquals(batch.vnet(0), encapsulation.vni(ByteBuffer.wrap(datagram), 0));
            }
        }
        assertTrue(live > 200, "some are let in: " + live);
    }
}
