package net.vgate.dataplane;

import static net.vgate.tunnel.DatagramPort.CONNECT;
import static net.vgate.tunnel.DatagramPort.LISTEN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.attachment.Offloads;
import net.vgate.linux.UdpPort;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Records that lie one behind the other, through the kernel and back to what they were, with off-loads and without. */
@Timeout(60)
@ParameterizedClass(name = "{0}, {1}, {2}")
@MethodSource("kinds")
class RecordTransferTest {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final int RECORDS = 512;

    private final Offloads sending;
    private final Offloads receiving;
    private final UdpPort from;
    private final List<UdpPort> to;
    private final PacketBatch out = PacketBatch.packed(RECORDS, 640 << 10);
    private final PacketBatch datagrams = new PacketBatch(64);
    private final PacketBatch records = PacketBatch.viewsOf(datagrams, 50);
    private final RecordCutter cutter = new RecordCutter(datagrams, records);
    private final SplittableRandom random = new SplittableRandom(7);

    /** What was sent to each port, by each of its own sockets. */
    private final List<List<List<byte[]>>> sent = List.of(twoLists(), twoLists());

    private int datagramsReceived;

    RecordTransferTest(String address, Offloads sending, Offloads receiving) throws UnknownHostException {
        this.sending = sending;
        this.receiving = receiving;
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByName(address), 0);
        this.from = UdpPort.open(any, sending);
        this.to = List.of(UdpPort.open(any, receiving), UdpPort.open(any, receiving));
    }

    static List<Arguments> kinds() {
        Named<Offloads> all = Named.of("all", Offloads.ALL);
        Named<Offloads> none = Named.of("none", Offloads.NONE);
        return List.of(
                Arguments.of("127.0.0.1", all, all),
                Arguments.of("::1", all, all),
                Arguments.of("127.0.0.1", all, none),
                Arguments.of("127.0.0.1", none, all),
                Arguments.of("::1", none, none));
    }

    private static List<List<byte[]>> twoLists() {
        return List.of(new ArrayList<>(), new ArrayList<>());
    }

    @AfterEach
    void close() {
        from.close();
        to.forEach(UdpPort::close);
    }

    /** Puts a record behind the last one. */
    private int add(int bytes, int port, int local) {
        return add(0, bytes, port, local);
    }

    private int add(int gap, int bytes, int port, int local) {
        byte[] record = new byte[bytes];
        random.nextBytes(record);
        int at = out.end() + gap;
        int slot = out.addAt(at, at, bytes, at + bytes);
        out.slab().put(out.offset(slot), record);
        out.setLocal(slot, local);
        OuterAddress.write(
                out.addresses(), out.addressOffset(slot), to.get(port).localAddress(LISTEN));
        sent.get(port).get(place(local)).add(record);
        return slot;
    }

    private static int place(int local) {
        return local == LISTEN ? 0 : 1;
    }

    private void addEqual(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            add(bytes, 0, LISTEN);
        }
    }

    private void send() {
        assertEquals(out.size(), from.sendBatch(out));
        assertEquals(sending.udpSegment(), from.segmentation().isOn());
        out.clear();
    }

    private void receiveAll() {
        for (int port = 0; port < to.size(); port++) {
            List<List<byte[]>> received = receive(port);
            for (int local : new int[] {LISTEN, CONNECT}) {
                List<byte[]> expected = sent.get(port).get(place(local));
                assertEquals(expected.size(), received.get(place(local)).size());
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(
                            expected.get(i), received.get(place(local)).get(i), "record " + i);
                }
            }
        }
    }

    private List<List<byte[]>> receive(int port) {
        List<List<byte[]>> received = twoLists();
        int expected = sent.get(port).get(place(LISTEN)).size()
                + sent.get(port).get(place(CONNECT)).size();
        long start = System.nanoTime();
        for (int count = 0; count < expected; ) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "received " + count + " of " + expected);
            datagrams.clear();
            datagramsReceived += to.get(port).receiveBatch(datagrams);
            cutter.begin();
            while (cutter.cut()) {
                for (int slot = 0; slot < records.size(); slot++) {
                    InetSocketAddress source = OuterAddress.read(records.addresses(), records.addressOffset(slot));
                    int local = source.equals(from.localAddress(LISTEN)) ? LISTEN : CONNECT;
                    assertEquals(from.localAddress(local), source);
                    received.get(place(local)).add(records.copyOut(slot));
                    count++;
                }
            }
        }
        return received;
    }

    private boolean isWhole() {
        return sending.udpSegment() && receiving.udpGro();
    }

    @Test
    void carriesRecordsOfOneSizeAsOne() {
        addEqual(10, 1_200);
        send();
        receiveAll();
        assertEquals(isWhole() ? 1 : 10, datagramsReceived);
        assertEquals(receiving.udpGro(), to.get(0).coalescing().isOn());
    }

    @Test
    void saysWhereADatagramOfManyIsCut() {
        assumeTrue(isWhole(), "datagrams that travel one by one are cut nowhere");
        addEqual(5, 1_200);
        add(700, 0, LISTEN);
        send();
        datagrams.clear();
        long start = System.nanoTime();
        while (to.get(0).receiveBatch(datagrams) == 0) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS);
        }
        assertEquals(1, datagrams.size());
        assertEquals(1_200, datagrams.gsoSize(0));
        assertEquals(6, datagrams.parts(0));
        assertEquals(5 * 1_200 + 700, datagrams.length(0));
    }

    @Test
    void endsOneWithAShorterRecordAndBeginsAnotherWithALongerOne() {
        addEqual(3, 900);
        add(899, 0, LISTEN);
        addEqual(4, 900);
        add(1_000, 0, LISTEN);
        add(1, 0, LISTEN);
        send();
        receiveAll();
        assertEquals(isWhole() ? 3 : 10, datagramsReceived);
    }

    @Test
    void carriesMoreThanOneDatagramHasSegments() {
        addEqual(150, 300);
        send();
        receiveAll();
        assertEquals(isWhole() ? 3 : 150, datagramsReceived);
    }

    @Test
    void carriesMoreThanOneDatagramHasBytes() {
        addEqual(100, 1_400);
        send();
        receiveAll();
        // 46 times 1,400 bytes are 64,400.
        assertEquals(isWhole() ? 3 : 100, datagramsReceived);
    }

    @Test
    void carriesLargeRecords() {
        add(60_000, 0, LISTEN);
        addEqual(4, 30_000);
        addEqual(1, 65_000);
        send();
        receiveAll();
        assertEquals(isWhole() ? 4 : 6, datagramsReceived);
    }

    @Test
    void keepsDestinationsAndSocketsApart() {
        for (int i = 0; i < 12; i++) {
            add(500, i / 4 % 2, LISTEN);
        }
        // The first three go with the last four of before.
        for (int i = 0; i < 12; i++) {
            add(500, 0, i / 3 % 2 == 0 ? LISTEN : CONNECT);
        }
        send();
        receiveAll();
        assertEquals(isWhole() ? 6 : 24, datagramsReceived);
    }

    @Test
    void joinsNothingAcrossADroppedRecord() {
        addEqual(3, 400);
        int dropped = add(400, 0, LISTEN);
        sent.get(0).get(LISTEN).remove(3);
        addEqual(3, 400);
        out.drop(dropped, DropReason.KEY_EXHAUSTED);
        assertEquals(6, from.sendBatch(out));
        receiveAll();
        assertEquals(isWhole() ? 2 : 6, datagramsReceived);
    }

    @Test
    void joinsNothingAcrossAGap() {
        addEqual(2, 400);
        add(8, 400, 0, LISTEN);
        addEqual(1, 400);
        send();
        receiveAll();
        assertEquals(isWhole() ? 2 : 4, datagramsReceived);
    }

    @Test
    void carriesWhateverComesInOrder() {
        for (int turn = 0; turn < 20; turn++) {
            int size = 1 + random.nextInt(1_400);
            int port = random.nextInt(2);
            int local = random.nextBoolean() ? LISTEN : CONNECT;
            int bytes = 0;
            while (out.remaining() > 0 && bytes < 100_000) {
                if (random.nextInt(12) == 0) {
                    size = 1 + random.nextInt(1_400);
                }
                if (random.nextInt(20) == 0) {
                    port = random.nextInt(2);
                    local = random.nextBoolean() ? LISTEN : CONNECT;
                }
                int one = random.nextInt(10) == 0 ? 1 + random.nextInt(size) : size;
                add(one, port, local);
                bytes += one;
            }
            send();
            receiveAll();
            sent.forEach(lists -> lists.forEach(List::clear));
        }
    }
}
