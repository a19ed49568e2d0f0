package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCutterTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final PacketBatch datagrams = new PacketBatch(16, 4_000);
    private final PacketBatch records = PacketBatch.viewsOf(datagrams, 10);
    private final RecordCutter cutter = new RecordCutter(datagrams, records);
    private final SplittableRandom random = new SplittableRandom(3);

    /** A datagram as the kernel hands it in; {@code recordBytes} is 0 where it is one as it was sent. */
    private byte[] add(int bytes, int recordBytes) {
        byte[] datagram = new byte[bytes];
        random.nextBytes(datagram);
        int slot = datagrams.addCopy(datagram);
        if (recordBytes > 0) {
            datagrams.setGso(slot, GsoType.UDP, recordBytes);
        }
        return datagram;
    }

    private List<byte[]> cutAll() {
        List<byte[]> all = new ArrayList<>();
        cutter.begin();
        while (cutter.cut()) {
            assertTrue(records.size() > 0);
            for (int slot = 0; slot < records.size(); slot++) {
                all.add(records.copyOut(slot));
            }
        }
        assertFalse(cutter.cut());
        return all;
    }

    private List<Integer> lengths() {
        return cutAll().stream().map(record -> record.length).toList();
    }

    @Test
    void takesADatagramForTheRecordThatItIs() {
        byte[] first = add(100, 0);
        byte[] second = add(1, 0);
        List<byte[]> all = cutAll();
        assertArrayEquals(first, all.get(0));
        assertArrayEquals(second, all.get(1));
        assertEquals(2, all.size());
    }

    @Test
    void findsRecordsOfOneSizeAndAShorterLast() {
        byte[] datagram = add(250, 100);
        add(300, 100);
        assertEquals(List.of(100, 100, 50, 100, 100, 100), lengths());
        assertArrayEquals(Arrays.copyOfRange(datagram, 200, 250), cutAll().get(2));
    }

    @Test
    void takesAnEmptyDatagramForARecordWithNothingInIt() {
        add(0, 0);
        add(3, 0);
        assertEquals(List.of(0, 3), lengths());
    }

    @Test
    void passesOverDroppedDatagrams() {
        add(200, 100);
        add(7, 0);
        datagrams.drop(0, DropReason.MALFORMED);
        assertEquals(List.of(7), lengths());
        datagrams.drop(1, DropReason.MALFORMED);
        assertEquals(List.of(), lengths());
    }

    @Test
    void givesRecordsTheAddressAndSocketOfTheirDatagram() {
        add(10, 0);
        add(200, 100);
        datagrams.setLocal(1, 1);
        InetSocketAddress from = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433);
        OuterAddress.write(datagrams.addresses(), datagrams.addressOffset(1), from);
        cutter.begin();
        assertTrue(cutter.cut());
        assertEquals(0, records.local(0));
        for (int slot = 1; slot < 3; slot++) {
            assertEquals(1, records.local(slot));
            assertEquals(from, OuterAddress.read(records.addresses(), records.addressOffset(slot)));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void losesAndDoublesNoneWhereverTheBatchIsFull(long seed) {
        SplittableRandom sizes = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            datagrams.clear();
            List<byte[]> expected = new ArrayList<>();
            int count = sizes.nextInt(17);
            for (int i = 0; i < count; i++) {
                int recordBytes = sizes.nextInt(3) == 0 ? 0 : 1 + sizes.nextInt(40);
                byte[] datagram = add(sizes.nextInt(recordBytes == 0 ? 300 : recordBytes * 12), recordBytes);
                int step = recordBytes == 0 ? Math.max(1, datagram.length) : recordBytes;
                for (int at = 0; at == 0 || at < datagram.length; at += step) {
                    expected.add(Arrays.copyOfRange(datagram, at, Math.min(datagram.length, at + step)));
                }
            }
            List<byte[]> all = cutAll();
            assertEquals(expected.size(), all.size());
            for (int i = 0; i < all.size(); i++) {
                assertArrayEquals(expected.get(i), all.get(i));
            }
        }
    }

    @Test
    void allocatesNothing() {
        for (int i = 0; i < 10; i++) {
            add(3_000, 1_000 - i);
        }
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 10 && least > 0; run++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                cutter.begin();
                while (cutter.cut()) {
                    assertTrue(records.size() > 0);
                }
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }
}
