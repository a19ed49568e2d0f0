package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import net.vgate.attachment.MemberStation;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MemberTableTest {
    private final MemberTable table = new MemberTable();

    private static IpAddress address(int number) {
        // Every second one of IPv6, and neighbours among them.
        return number % 2 == 0 ? IpAddress.ofIpv4(0x0a00_0000 + number) : new IpAddress(0xfd00L << 48, number);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void saysWhatAMapSays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<IpAddress, MemberState> model = new HashMap<>();
        Map<IpAddress, MemberStation> stations = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            // First many are added, then few are left, so that the table grows and shrinks.
            int range = step < 10_000 ? 3_000 : 40;
            IpAddress address = address(random.nextInt(range));
            switch (random.nextInt(step < 10_000 ? 4 : 2)) {
                case 0 -> {
                    table.set(address, null);
                    model.remove(address);
                    stations.remove(address);
                }
                case 1 -> {
                    table.set(address, MemberState.EXPECTED);
                    model.put(address, MemberState.EXPECTED);
                    stations.remove(address);
                }
                default -> {
                    MemberStation station = new MemberStation(
                            random.nextBoolean() ? new MacAddress(1 + random.nextInt(3)) : null,
                            random.nextBoolean() ? address(random.nextInt(3)) : null);
                    table.set(address, MemberState.JOINED, station);
                    model.put(address, MemberState.JOINED);
                    stations.put(address, station);
                }
            }
            IpAddress asked = address(random.nextInt(range));
            assertEquals(model.get(asked), table.state(asked));
            MemberStation where = stations.get(asked);
            assertEquals(where == null || where.isAny() ? null : where, table.station(asked.hi(), asked.lo()));
            assertEquals(model.get(asked) == MemberState.JOINED, table.isJoined(asked.hi(), asked.lo()));
        }
        List<IpAddress> inOrder = model.keySet().stream().sorted().toList();
        assertEquals(inOrder, table.addresses(null, Integer.MAX_VALUE));
        assertEquals(inOrder.subList(0, 7), table.addresses(null, 7));
        assertEquals(inOrder.subList(7, 10), table.addresses(inOrder.get(6), 3));
        assertEquals(List.of(), table.addresses(inOrder.get(inOrder.size() - 1), 3));
        for (MemberState state : MemberState.values()) {
            assertEquals(model.values().stream().filter(state::equals).count(), table.count(state));
        }
    }

    /**
     * One that was joined all the time is never missed, and one that never was is never seen, while others come and go.
     */
    @Test
    void aReaderNeverSeesWhatNeverWas() throws InterruptedException {
        IpAddress always = address(1);
        IpAddress never = address(3);
        IpAddress expected = address(5);
        table.set(always, MemberState.JOINED);
        table.set(expected, MemberState.EXPECTED);
        MemberStation station = new MemberStation(new MacAddress(7), null);
        table.set(always, MemberState.JOINED, station);
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean wrong = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            while (!over.get()) {
                if (!table.isJoined(always.hi(), always.lo())
                        || !station.equals(table.station(always.hi(), always.lo()))
                        || table.station(never.hi(), never.lo()) != null
                        || table.station(expected.hi(), expected.lo()) != null
                        || table.isJoined(never.hi(), never.lo())
                        || table.isJoined(expected.hi(), expected.lo())) {
                    wrong.set(true);
                }
            }
        });
        reader.start();
        for (int round = 0; round < 40; round++) {
            for (int number = 10; number < 3_000; number++) {
                table.set(address(number), MemberState.JOINED);
            }
            for (int number = 10; number < 3_000; number++) {
                table.set(address(number), null);
            }
        }
        over.set(true);
        reader.join();
        assertFalse(wrong.get());
        assertEquals(2, table.size());
    }

    @Test
    void anEmptyTableHasNobody() {
        assertFalse(table.isJoined(0, 0));
        table.set(new IpAddress(0, 0), null);
        assertEquals(0, table.size());
        table.set(new IpAddress(0, 0), MemberState.JOINED);
        assertTrue(table.isJoined(0, 0));
    }
}
