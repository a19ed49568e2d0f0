package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.attachment.DeviceException;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.IpAddress;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.Test;

class VtepLocatorsTest {
    private final VtepLocators locators = new VtepLocators(4789);
    private final ByteBuffer socket = ByteBuffer.allocateDirect(PacketBatch.ADDRESS_BYTES);

    private int numberOf(IpAddress address) {
        // From whatever port: switches choose one for each flow.
        OuterAddress.write(socket, 0, new InetSocketAddress(address.toInetAddress(), 50_000));
        return locators.numberOf(socket, 0);
    }

    private static IpAddress address(int bits) {
        return IpAddress.ofIpv4(bits);
    }

    @Test
    void whoIsNotConfiguredHasNoNumber() {
        assertEquals(VtepLocators.UNKNOWN, numberOf(address(0x0a09_000b)));
        assertArrayEquals(new int[] {0}, locators.numbersOf(List.of(address(0x0a09_000b))));
        assertEquals(VtepLocators.UNKNOWN, numberOf(address(0x0a09_000c)));
    }

    @Test
    void theSameBitsInAnotherFamilyAreAnotherLocator() {
        IpAddress ipv4 = address(0x0a09_000b);
        IpAddress ipv6 = IpAddress.parse("2001:db8::a09:b").orElseThrow();
        assertArrayEquals(new int[] {0, 1}, locators.numbersOf(List.of(ipv4, ipv6)));
        assertEquals(0, numberOf(ipv4));
        assertEquals(1, numberOf(ipv6));
    }

    /** So many, and at random, that they meet on the way to their places; one half of each is always the same. */
    @Test
    void everyBitOfAnAddressCounts() {
        SplittableRandom random = new SplittableRandom(7348);
        List<IpAddress> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(address("2001:db8:%x:%x::1".formatted(i, random.nextInt(0x1_0000))));
            all.add(address("2001:db8::%x:%x".formatted(i + 1, random.nextInt(0x1_0000))));
        }
        int[] numbers = locators.numbersOf(all);
        for (int i = 0; i < numbers.length; i++) {
            assertEquals(i, numbers[i]);
            assertEquals(i, numberOf(all.get(i)));
        }
        for (int i = 0; i < 500; i++) {
            assertEquals(VtepLocators.UNKNOWN, numberOf(address("2001:db9:%x::1".formatted(random.nextInt(0x1_0000)))));
        }
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    /** Against a map, in steps as reloads take them. */
    @Test
    void numbersStayAndAreNobodyElses() {
        SplittableRandom random = new SplittableRandom(7348);
        Map<IpAddress, Integer> model = new HashMap<>();
        for (int round = 0; round < 200; round++) {
            List<IpAddress> asked = new ArrayList<>();
            for (int i = random.nextInt(1, 9); i > 0; i--) {
                IpAddress one = address(0x0a09_0000 + random.nextInt(600));
                asked.add(one);
                model.putIfAbsent(one, model.size());
            }
            int[] numbers = locators.numbersOf(asked);
            for (int i = 0; i < numbers.length; i++) {
                assertEquals(model.get(asked.get(i)), numbers[i]);
            }
            for (int bits = 0x0a09_0000; bits < 0x0a09_0000 + 600; bits++) {
                assertEquals(model.getOrDefault(address(bits), VtepLocators.UNKNOWN), numberOf(address(bits)));
            }
        }
        model.forEach((one, number) -> {
            locators.copyTo(number, socket, 0);
            assertEquals(new InetSocketAddress(one.toInetAddress(), 4789), OuterAddress.read(socket, 0));
        });
    }

    @Test
    void numbersEndWithAWord() {
        List<IpAddress> all = new ArrayList<>();
        for (int i = 0; i <= NeighborTable.MAX_LOCATOR; i++) {
            all.add(address(0x0a00_0000 + i));
        }
        locators.numbersOf(all);
        assertEquals(NeighborTable.MAX_LOCATOR, numberOf(all.get(NeighborTable.MAX_LOCATOR)));
        List<IpAddress> oneMore = List.of(address(0x0b00_0000));
        String said = assertThrows(DeviceException.class, () -> locators.numbersOf(oneMore))
                .getMessage();
        assertEquals("more than 32768 locators were configured since the start; restart the gateway", said);
        assertEquals(VtepLocators.UNKNOWN, numberOf(oneMore.get(0)));
    }
}
