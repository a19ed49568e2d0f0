package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.dataplane.RelayTable.Route;
import net.vgate.dataplane.RelayTable.Way;
import net.vgate.encap.RelayOption;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordKeys;
import net.vgate.record.RecordProtector;
import net.vgate.record.Role;
import net.vgate.record.Steering;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** East, hub and west, each with no more than its part in passing datagrams on. */
class RelayPathTest {
    private static final InetSocketAddress SOMEWHERE = new InetSocketAddress("192.0.2.1", 4_433);
    private static final int EAST_LABEL = 7;
    private static final int WEST_LABEL = -3;
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity HUB = new PeerIdentity("hub", "hub-1");

    private final byte[] firstKeys = keyBlock(1);
    private final byte[] secondKeys = keyBlock(2);
    private final Association eastToHub = PathsUnderTest.association(Role.CLIENT, firstKeys, "hub", SOMEWHERE);
    private final Association hubToEast = PathsUnderTest.association(Role.SERVER, firstKeys, "east", SOMEWHERE);
    private final Association hubToWest = PathsUnderTest.association(Role.CLIENT, secondKeys, "west", SOMEWHERE);
    private final Association westToHub = PathsUnderTest.association(Role.SERVER, secondKeys, "hub", SOMEWHERE);
    private final Tunnel hubsWest = tunnel(hubToWest);
    private final RelayTraffic traffic = new RelayTraffic(1);

    private final Node east = new Node(List.of(new Way(1, HUB, tunnel(eastToHub), EAST_LABEL)), List.of(), eastToHub);
    private final Node hub = new Node(
            List.of(),
            List.of(
                    new Route(EAST, EAST_LABEL, hubsWest, WEST_LABEL, traffic),
                    new Route(EAST, EAST_LABEL + 1, hubsWest, 0, traffic),
                    new Route(new PeerIdentity("north", "north-1"), 9, hubsWest, WEST_LABEL, traffic)),
            hubToEast,
            hubToWest);
    private final Node west = new Node(List.of(new Way(5, HUB, tunnel(westToHub), WEST_LABEL)), List.of(), westToHub);

    /** A worker's part of relaying. */
    private static final class Node implements DatagramPort {
        private final List<byte[]> sent = new ArrayList<>();
        private final DropCounters drops = new DropCounters();
        private final RecordProtector protector =
                new RecordProtector(16, (association, type, content) -> false, System::nanoTime, 0);
        private final RelayExchange exchange = new RelayExchange(new Steering(1));
        private final RelayPath path = new RelayPath(exchange, new Sealing(protector, drops), this, drops, 64, 0);
        private final Opening opening;
        private final PacketBatch batch = new PacketBatch(64, 2_000);

        Node(List<Way> ways, List<Route> routes, Association... associations) {
            AssociationTable table = new AssociationTable();
            List.of(associations).forEach(table::add);
            opening = new Opening(table, protector, new PathsUnderTest.NoControl(), 64, 0);
            exchange.publish(new RelayTable(ways, routes));
        }

        /** Takes records that have come by the socket {@code local}; returns how many are for this node. */
        int arrive(List<byte[]> records, int local) {
            batch.clear();
            for (byte[] record : records) {
                int slot = batch.addCopy(record);
                batch.setLocal(slot, local);
                OuterAddress.write(batch.addresses(), batch.addressOffset(slot), SOMEWHERE);
            }
            opening.find(batch, DataplanePlan.EMPTY);
            opening.open(batch);
            return path.take(batch, opening).count();
        }

        /** A record of {@code association} whose payload is {@code datagram} with an option of relays. */
        byte[] seal(Association association, int hopLimit, int flags, int label, byte[] datagram) {
            batch.clear();
            int slot = batch.addCopy(datagram);
            RelayOption.push(batch, slot, hopLimit, flags, label);
            protector.seal(batch, new int[] {slot}, 1, association);
            return batch.copyOut(slot);
        }

        List<byte[]> takeSent() {
            List<byte[]> taken = List.copyOf(sent);
            sent.clear();
            return taken;
        }

        @Override
        public boolean receiveBatch(PacketBatch into, int local) {
            return false;
        }

        @Override
        public int sendBatch(PacketBatch from) {
            for (int slot = 0; slot < from.size(); slot++) {
                if (from.isLive(slot) && from.local(slot) != RELAY) {
                    sent.add(from.copyOut(slot));
                }
            }
            return from.size();
        }

        @Override
        public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
            sent.add(Arrays.copyOfRange(datagram, offset, offset + length));
        }
    }

    private static byte[] keyBlock(int seed) {
        byte[] keys = new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)];
        new SplittableRandom(seed).nextBytes(keys);
        return keys;
    }

    private static Tunnel tunnel(Association association) {
        Tunnel tunnel = new Tunnel(0, "tunnel", 1);
        tunnel.lane(0).publish(association);
        return tunnel;
    }

    private static byte[] datagram(int bytes) {
        byte[] datagram = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(datagram);
        return datagram;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatEastSendsArrivesAtWestAsItWas(boolean isCaller) {
        PacketBatch batch = new PacketBatch(40, 1_500);
        for (int i = 0; i < 40; i++) {
            int slot = batch.addCopy(datagram(100 + i));
            batch.setLocal(slot, DatagramPort.RELAY);
            OuterAddress.write(batch.addresses(), batch.addressOffset(slot), RelayAddress.of(1, isCaller));
        }
        east.path.sendBatch(batch);
        assertEquals(0, hub.arrive(east.takeSent(), DatagramPort.LISTEN));
        assertEquals(40, west.arrive(hub.takeSent(), DatagramPort.LISTEN));
        for (int slot = 0; slot < 40; slot++) {
            assertArrayEquals(datagram(100 + slot), west.batch.copyOut(slot));
            assertEquals(DatagramPort.RELAY, west.batch.local(slot));
            assertEquals(
                    RelayAddress.of(5, !isCaller),
                    OuterAddress.read(west.batch.addresses(), west.batch.addressOffset(slot)));
        }
        assertEquals(40, traffic.packets());
        assertEquals(40 * 100 + 39 * 20, traffic.bytes());
        assertEquals(0, traffic.drops());
    }

    @Test
    void whatControlSendsArrivesAsWell() {
        byte[] datagram = datagram(300);
        east.exchange.send(datagram, 0, datagram.length, RelayAddress.of(1, true), east);
        assertEquals(0, hub.arrive(east.takeSent(), DatagramPort.LISTEN));
        assertEquals(1, west.arrive(hub.takeSent(), DatagramPort.LISTEN));
        assertArrayEquals(datagram, west.batch.copyOut(0));
        east.exchange.send(datagram, 0, datagram.length, RelayAddress.of(2, true), east);
        assertEquals(List.of(), east.takeSent(), "there is no such way");
    }

    @Test
    void whatHasNoHopLeftIsNotPassedOn() {
        byte[] record = east.seal(eastToHub, 0, 0, EAST_LABEL, datagram(50));
        assertEquals(DropReason.RELAY_HOP_LIMIT, refusal(hub, record));
        assertEquals(1, traffic.drops());

        assertNull(passedOn(east.seal(eastToHub, 1, 0, EAST_LABEL, datagram(50))));
        byte[] onward = hub.takeSent().get(0);
        west.arrive(List.of(onward), DatagramPort.LISTEN);
        int at = west.batch.offset(0) - RelayOption.HEADER_BYTES;
        assertEquals(0, RelayOption.hopLimit(west.batch.slab(), at), "each relay takes one off");
        assertEquals(RelayOption.PASSED_ON, RelayOption.flags(west.batch.slab(), at));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, EAST_LABEL + 1, 9, WEST_LABEL, Integer.MIN_VALUE})
    void onlyItsOwnLabelsServeASender(int label) {
        assertEquals(DropReason.RELAY_NOT_GRANTED, refusal(hub, east.seal(eastToHub, 1, 0, label, datagram(50))));
        assertEquals(
                DropReason.RELAY_NOT_GRANTED,
                refusal(hub, east.seal(eastToHub, 1, RelayOption.PASSED_ON, EAST_LABEL, datagram(50))),
                "what was passed on is for the hub, which has no way there");
        assertEquals(0, traffic.packets() + traffic.drops());
    }

    @Test
    void noDatagramIsRelayedInARelayedOne() {
        byte[] record = east.seal(eastToHub, 1, 0, EAST_LABEL, datagram(50));
        hub.arrive(List.of(record), DatagramPort.RELAY);
        assertEquals(DropReason.RELAY_HOP_LIMIT, hub.batch.dropReason(0));

        hubToWest.move(new Association.Path(DatagramPort.RELAY, RelayAddress.of(1, true)));
        assertEquals(DropReason.RELAY_HOP_LIMIT, refusal(hub, east.seal(eastToHub, 1, 0, EAST_LABEL, datagram(50))));
    }

    @Test
    void whatDoesNotFitTheNextTunnelIsDroppedAndWhatDoesArrives() {
        hubToWest.fit(500);
        int largest = RelayExchange.largest(hubToWest);
        assertEquals(492, largest);
        assertNull(passedOn(east.seal(eastToHub, 1, 0, EAST_LABEL, datagram(largest))));
        assertEquals(1, hub.takeSent().size());
        assertEquals(DropReason.TOO_BIG, refusal(hub, east.seal(eastToHub, 1, 0, EAST_LABEL, datagram(largest + 1))));
        hubsWest.lane(0).publish(null);
        assertEquals(DropReason.NO_TUNNEL, refusal(hub, east.seal(eastToHub, 1, 0, EAST_LABEL, datagram(50))));
    }

    @Test
    void aRelayThatTheEndHasNotAskedGetsNothingIn() {
        byte[] record = hub.seal(hubToWest, 0, RelayOption.PASSED_ON, WEST_LABEL + 1, datagram(50));
        assertEquals(DropReason.RELAY_NOT_GRANTED, refusal(west, record));
    }

    @Test
    void whatIsForAnotherWorkerIsHandedOver() {
        RelayExchange exchange = new RelayExchange(new Steering(2));
        boolean[] woken = new boolean[1];
        exchange.wakeBy(1, () -> woken[0] = true);
        PacketBatch batch = new PacketBatch(2, 200);
        byte[] record = ByteBuffer.allocate(60)
                .put(0, (byte) 25)
                .putLong(11, new AssociationTable(new Steering(2)).reserve(1, new SplittableRandom(3)))
                .array();
        int slot = batch.addCopy(record);
        RelayAddress.write(batch.addresses(), batch.addressOffset(slot), 4, true);
        assertTrue(exchange.isForAnother(0, batch, slot));
        exchange.handOver(batch, slot);
        assertTrue(woken[0] && exchange.isReady(1) && !exchange.isReady(0));
        PacketBatch taken = new PacketBatch(2, 200);
        exchange.receive(1, taken);
        assertArrayEquals(record, taken.copyOut(0));
        assertEquals(DatagramPort.RELAY, taken.local(0));
        assertEquals(RelayAddress.of(4, true), OuterAddress.read(taken.addresses(), taken.addressOffset(0)));

        // One that comes while the worker still takes is fetched with the rest; the next has to wake it again.
        exchange.handOver(batch, slot);
        exchange.receive(1, taken);
        woken[0] = false;
        assertFalse(exchange.isReady(1));
        exchange.handOver(batch, slot);
        assertTrue(woken[0]);
    }

    private @Nullable DropReason refusal(Node node, byte[] record) {
        node.arrive(List.of(record), DatagramPort.LISTEN);
        assertEquals(List.of(), node.takeSent());
        return node.batch.dropReason(0);
    }

    /** Null, as it should be, or why the hub did not pass it on. */
    private @Nullable DropReason passedOn(byte[] record) {
        hub.arrive(List.of(record), DatagramPort.LISTEN);
        return hub.batch.dropReason(0) == DropReason.CONSUMED ? null : hub.batch.dropReason(0);
    }
}
