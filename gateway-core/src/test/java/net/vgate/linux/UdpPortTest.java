package net.vgate.linux;

import static net.vgate.tunnel.DatagramPort.CONNECT;
import static net.vgate.tunnel.DatagramPort.LISTEN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offloads;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.RecordFormat;
import net.vgate.record.Steering;
import net.vgate.tunnel.DatagramPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@ParameterizedClass(name = "{0}")
@MethodSource("kinds")
class UdpPortTest {
    private static final long DEADLINE_NANOS = 10_000_000_000L;

    private final List<UdpPort> ports = new ArrayList<>();
    private final Offloads offloads;

    UdpPortTest(Offloads offloads) {
        this.offloads = offloads;
    }

    static List<Named<Offloads>> kinds() {
        return List.of(Named.of("with off-loads", Offloads.ALL), Named.of("without", Offloads.NONE));
    }

    @AfterEach
    void closePorts() {
        ports.forEach(UdpPort::close);
    }

    private UdpPort open(String address) throws UnknownHostException {
        UdpPort port = UdpPort.open(new InetSocketAddress(InetAddress.getByName(address), 0), offloads);
        ports.add(port);
        return port;
    }

    private static int add(PacketBatch batch, byte[] bytes, int local, InetSocketAddress to) {
        int slot = batch.addCopy(bytes);
        batch.setLocal(slot, local);
        OuterAddress.write(batch.addresses(), batch.addressOffset(slot), to);
        return slot;
    }

    private static InetSocketAddress from(PacketBatch batch, int slot) {
        return OuterAddress.read(batch.addresses(), batch.addressOffset(slot));
    }

    private static void receive(UdpPort port, PacketBatch batch, int count) {
        long start = System.nanoTime();
        int received = 0;
        while (received < count) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "received " + received + " of " + count);
            received += port.receiveBatch(batch);
        }
        assertEquals(count, received);
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void carriesABatchInOrderBetweenTheRightSockets(String address) throws UnknownHostException {
        UdpPort a = open(address);
        UdpPort b = open(address);
        SplittableRandom random = new SplittableRandom(1);
        PacketBatch out = new PacketBatch(150, 2048);
        List<List<byte[]>> sent = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < 150; i++) {
            byte[] payload = bytes(random, random.nextInt(1401));
            int place = random.nextInt(2);
            int local = place == 0 ? LISTEN : CONNECT;
            add(out, payload, local, b.localAddress(LISTEN));
            sent.get(place).add(payload);
        }

        assertEquals(150, a.sendBatch(out));

        PacketBatch in = new PacketBatch(200, 2048);
        receive(b, in, 150);
        List<List<byte[]>> received = List.of(new ArrayList<>(), new ArrayList<>());
        for (int slot = 0; slot < in.size(); slot++) {
            assertTrue(in.isLive(slot));
            assertEquals(LISTEN, in.local(slot));
            int local = from(in, slot).equals(a.localAddress(LISTEN)) ? LISTEN : CONNECT;
            assertEquals(a.localAddress(local), from(in, slot));
            received.get(local == LISTEN ? 0 : 1).add(in.copyOut(slot));
        }
        for (int place = 0; place < 2; place++) {
            assertEquals(sent.get(place).size(), received.get(place).size());
            for (int i = 0; i < sent.get(place).size(); i++) {
                assertArrayEquals(sent.get(place).get(i), received.get(place).get(i));
            }
        }
    }

    @Test
    void answersGoToTheSocketThatAsked() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        byte[] question = {1, 2, 3, 4};
        a.send(CONNECT, question, 1, 2, b.localAddress(LISTEN));
        PacketBatch batch = new PacketBatch(4, 100);
        receive(b, batch, 1);
        assertArrayEquals(new byte[] {2, 3}, batch.copyOut(0));
        assertNotEquals(a.localAddress(LISTEN), from(batch, 0));

        // The slot goes back as it came: same address, same socket.
        assertEquals(1, b.sendBatch(batch));

        PacketBatch answer = new PacketBatch(4, 100);
        receive(a, answer, 1);
        assertEquals(CONNECT, answer.local(0));
        assertEquals(b.localAddress(LISTEN), from(answer, 0));
    }

    @Test
    void skipsWhatIsDroppedAndSendsTheRest() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        PacketBatch out = new PacketBatch(8, 100);
        for (int i = 0; i < 5; i++) {
            add(out, new byte[] {(byte) i}, LISTEN, b.localAddress(LISTEN));
        }
        out.drop(0, DropReason.POLICY);
        out.drop(3, DropReason.POLICY);

        assertEquals(3, a.sendBatch(out));

        PacketBatch in = new PacketBatch(8, 100);
        receive(b, in, 3);
        assertEquals(1, in.copyOut(0)[0]);
        assertEquals(2, in.copyOut(1)[0]);
        assertEquals(4, in.copyOut(2)[0]);
    }

    @Test
    void goesOnAfterTheOnesThatTheKernelRefuses() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        PacketBatch out = new PacketBatch(8);
        InetSocketAddress otherFamily =
                new InetSocketAddress(IpAddress.parse("::1").orElseThrow().toInetAddress(), 9);
        add(out, new byte[] {0}, LISTEN, b.localAddress(LISTEN));
        int tooBig = add(out, new byte[65_508], LISTEN, b.localAddress(LISTEN));
        add(out, new byte[] {1}, LISTEN, b.localAddress(LISTEN));
        int unsendable = add(out, new byte[] {2}, LISTEN, otherFamily);
        add(out, new byte[] {3}, LISTEN, b.localAddress(LISTEN));

        assertEquals(3, a.sendBatch(out));

        assertEquals(DropReason.TOO_BIG, out.dropReason(tooBig));
        assertEquals(DropReason.DEVICE_ERROR, out.dropReason(unsendable));
        PacketBatch in = new PacketBatch(8, 100);
        receive(b, in, 3);
        assertEquals(3, in.copyOut(2)[0]);
        assertNull(out.dropReason(4));
    }

    @Test
    void marksADatagramThatDoesNotFitItsSlot() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        PacketBatch in = new PacketBatch(4, 100);
        int room = in.startMaxLength(0);
        a.send(LISTEN, new byte[room], 0, room, b.localAddress(LISTEN));
        a.send(LISTEN, new byte[room + 1], 0, room + 1, b.localAddress(LISTEN));
        a.send(LISTEN, new byte[0], 0, 0, b.localAddress(LISTEN));

        receive(b, in, 3);

        assertTrue(in.isLive(0));
        assertEquals(room, in.length(0));
        assertEquals(DropReason.MALFORMED, in.dropReason(1));
        assertTrue(in.isLive(2));
        assertEquals(0, in.length(2));
    }

    @Test
    void leavesInTheKernelWhatTheBatchHasNoRoomFor() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        for (int i = 0; i < 5; i++) {
            a.send(LISTEN, new byte[] {(byte) i}, 0, 1, b.localAddress(LISTEN));
        }
        PacketBatch in = new PacketBatch(3, 100);
        in.addCopy(new byte[] {42});
        receive(b, in, 2);
        assertEquals(0, b.receiveBatch(in));
        assertEquals(42, in.copyOut(0)[0]);
        assertEquals(0, in.copyOut(1)[0]);
        assertEquals(1, in.copyOut(2)[0]);
        in.clear();
        receive(b, in, 3);
        assertEquals(2, in.copyOut(0)[0]);
    }

    @Test
    void aFloodAtOneSocketDoesNotStarveTheOther() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        for (int i = 0; i < 100; i++) {
            a.send(LISTEN, new byte[] {1}, 0, 1, b.localAddress(LISTEN));
        }
        a.send(LISTEN, new byte[] {2}, 0, 1, b.localAddress(CONNECT));
        PacketBatch in = new PacketBatch(8, 100);
        boolean isSeen = false;
        for (int turn = 0; turn < 2; turn++) {
            in.clear();
            b.receiveBatch(in);
            for (int slot = 0; slot < in.size(); slot++) {
                isSeen |= in.local(slot) == CONNECT;
            }
        }
        assertTrue(isSeen);
    }

    @Test
    void aClosedPeerDisturbsNothing() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        UdpPort gone = open("127.0.0.1");
        InetSocketAddress nobody = gone.localAddress(LISTEN);
        gone.close();
        PacketBatch batch = new PacketBatch(8, 100);
        for (int turn = 0; turn < 20; turn++) {
            batch.clear();
            for (int i = 0; i < 4; i++) {
                add(batch, new byte[] {(byte) i}, LISTEN, nobody);
                add(batch, new byte[] {(byte) i}, LISTEN, b.localAddress(LISTEN));
            }
            assertEquals(8, a.sendBatch(batch));
            PacketBatch in = new PacketBatch(8, 100);
            receive(b, in, 4);
            assertEquals(0, a.receiveBatch(in));
        }
    }

    @Test
    void countsWhatTheKernelDrops() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        byte[] datagram = new byte[60_000];
        for (int i = 0; i < 400; i++) {
            a.send(LISTEN, datagram, 0, datagram.length, b.localAddress(LISTEN));
        }
        PacketBatch in = new PacketBatch(16);
        int received = 0;
        for (int got = b.receiveBatch(in); got > 0; got = b.receiveBatch(in)) {
            received += got;
            in.clear();
        }
        assertTrue(b.kernelDrops() > 0);
        assertEquals(400, received + b.kernelDrops());
        // 4 MiB were asked for; a megabyte is what any system gives.
        assertTrue(received * 60_000L > 400_000, "received " + received);
    }

    @Test
    void refusesAnAddressInUseInOneLine() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        DeviceException refused =
                assertThrows(DeviceException.class, () -> UdpPort.open(a.localAddress(LISTEN), offloads));
        assertEquals(
                "UDP socket: bind to 127.0.0.1:" + a.localAddress(LISTEN).getPort()
                        + ": Address already in use (errno 98)",
                refused.getMessage());
    }

    @Test
    void sendsNothingOnceClosed() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        a.close();
        a.send(LISTEN, new byte[] {1}, 0, 1, b.localAddress(LISTEN));
        a.close();
        assertEquals(0, b.receiveBatch(new PacketBatch(1, 100)));
        assertEquals(0, a.kernelDrops());
        assertThrows(DeviceException.class, () -> a.receiveBatch(new PacketBatch(1, 100)));
    }

    @Test
    void allocatesNothing() throws UnknownHostException {
        UdpPort a = open("127.0.0.1");
        UdpPort b = open("127.0.0.1");
        PacketBatch out = new PacketBatch(32, 2048);
        PacketBatch in = new PacketBatch(64, 2048);
        InetSocketAddress to = b.localAddress(LISTEN);
        byte[] payload = ByteBuffer.allocate(1200).array();
        ByteBuffer destination = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);
        OuterAddress.write(destination, 0, to);
        Allocations.assertNone(3_000, () -> {
            out.clear();
            for (int i = 0; i < 8; i++) {
                int slot = out.addCopy(payload);
                out.setLocal(slot, (i & 1) == 0 ? LISTEN : CONNECT);
                OuterAddress.copy(destination, 0, out.addresses(), out.addressOffset(slot));
            }
            a.sendBatch(out);
            in.clear();
            b.receiveBatch(in);
        });
        assertFalse(in.isLive(0) && in.length(0) != 1200);
    }

    /** Records with connection ID go to the worker that its last byte names, whatever else there is to the first. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void eachWorkerGetsWhatItsConnectionIdsName(String address) throws UnknownHostException {
        int workers = 3;
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByName(address), 0);
        List<UdpPort> them = UdpPort.open(List.of(any), offloads, workers);
        ports.addAll(them);
        UdpPort sender = open(address);
        Steering steering = new Steering(workers);
        SplittableRandom random = new SplittableRandom(5);
        PacketBatch out = new PacketBatch(120, 2048);
        int[] expected = new int[workers];
        for (int i = 0; i < 120; i++) {
            byte[] datagram = bytes(random, random.nextInt(40));
            int worker = 0;
            if (i % 2 == 0) {
                datagram = bytes(random, 30 + random.nextInt(40));
                datagram[0] = RecordFormat.TLS12_CID;
                worker = steering.workerOf(ByteBuffer.wrap(datagram).getLong(11));
            } else if (datagram.length > 0) {
                datagram[0] = RecordFormat.HANDSHAKE;
            }
            expected[worker]++;
            add(out, datagram, LISTEN, them.get(0).localAddress(LISTEN));
        }

        assertEquals(120, sender.sendBatch(out));

        for (int worker = 0; worker < workers; worker++) {
            PacketBatch in = new PacketBatch(200, 2048);
            receive(them.get(worker), in, expected[worker]);
            assertEquals(0, them.get(worker).receiveBatch(new PacketBatch(1, 2048)));
        }
    }

    /** Whoever seals on a lane of another worker sends from that one's socket. */
    @Test
    void anyWorkerSendsFromTheSocketsOfAll() throws UnknownHostException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<UdpPort> them = UdpPort.open(List.of(any), offloads, 2);
        ports.addAll(them);
        UdpPort receiver = open("127.0.0.1");
        for (UdpPort sender : them) {
            PacketBatch out = new PacketBatch(3, 2048);
            for (int local : new int[] {LISTEN, CONNECT, DatagramPort.connect(1, 0)}) {
                add(out, new byte[20], local, receiver.localAddress(LISTEN));
            }
            assertEquals(3, sender.sendBatch(out));
            PacketBatch in = new PacketBatch(4, 2048);
            receive(receiver, in, 3);
            assertEquals(them.get(0).localAddress(LISTEN), from(in, 0));
            assertEquals(them.get(0).localAddress(CONNECT), from(in, 1));
            assertEquals(them.get(1).localAddress(DatagramPort.connect(1, 0)), from(in, 2));
        }
    }

    /** Each address and port is a socket of each worker, and records with connection ID find theirs on all of them. */
    @Test
    void listensOnSeveralAddressesAndCallsFromEachOfThem() throws UnknownHostException {
        int workers = 2;
        InetAddress one = IpAddress.parse("127.0.0.1").orElseThrow().toInetAddress();
        InetAddress two = IpAddress.parse("127.0.0.2").orElseThrow().toInetAddress();
        InetAddress three = IpAddress.parse("::1").orElseThrow().toInetAddress();
        List<InetSocketAddress> addresses = List.of(
                new InetSocketAddress(one, 0),
                new InetSocketAddress(two, 0),
                new InetSocketAddress(one, 0),
                new InetSocketAddress(three, 0));
        List<UdpPort> them = UdpPort.open(addresses, offloads, workers);
        ports.addAll(them);
        assertArrayEquals(
                new int[] {0, 1, 2, 3, CONNECT, CONNECT + 1, CONNECT + 2},
                them.get(0).locals());
        assertArrayEquals(
                new int[] {0, 1, 2, 3, CONNECT + 8, CONNECT + 9, CONNECT + 10},
                them.get(1).locals());

        for (int listening = LISTEN; listening < addresses.size(); listening++) {
            InetSocketAddress to = them.get(0).localAddress(listening);
            assertEquals(to, them.get(1).localAddress(listening));
            assertEquals(addresses.get(listening).getAddress(), to.getAddress());
            int calling = listening == 2 ? 0 : Math.min(listening, 2);
            for (int worker = 0; worker < workers; worker++) {
                PacketBatch out = new PacketBatch(1, 2048);
                byte[] record = new byte[40];
                record[0] = RecordFormat.TLS12_CID;
                record[RecordFormat.LAST_CID_BYTE_OFFSET] = (byte) worker;
                int from = DatagramPort.connect(1 - worker, calling);
                // From the other worker's socket, and sent by this one's port: any may seal.
                add(out, record, from, to);
                assertEquals(1, them.get(worker).sendBatch(out));

                PacketBatch in = new PacketBatch(2, 2048);
                receive(them.get(worker), in, 1);
                assertEquals(listening, in.local(0));
                assertEquals(them.get(1 - worker).localAddress(from), from(in, 0));
                // The answer leaves by the socket that the question came by, and gets back to the one that asked.
                assertEquals(1, them.get(worker).sendBatch(in));
                PacketBatch answer = new PacketBatch(2, 2048);
                receive(them.get(1 - worker), answer, 1);
                assertEquals(from, answer.local(0));
                assertEquals(to, from(answer, 0));
            }
        }
    }

    @Test
    void aSecondProcessIsRefusedTheAddressThatWorkersShare() throws UnknownHostException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<UdpPort> them = UdpPort.open(List.of(any), offloads, 2);
        ports.addAll(them);
        InetSocketAddress taken = them.get(0).localAddress(LISTEN);

        assertThrows(DeviceException.class, () -> UdpPort.open(List.of(taken), offloads, 2));
        assertThrows(DeviceException.class, () -> UdpPort.open(List.of(taken), offloads, 1));
    }
}
