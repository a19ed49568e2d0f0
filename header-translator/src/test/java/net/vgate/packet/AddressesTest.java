package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    @ParameterizedTest(name = "{0} is written {1}")
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "255.255.255.255, 255.255.255.255",
        "0.0.0.0, 0.0.0.0",
        "::, ::",
        "::1, ::1",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1::, 1::",
        "2001:db8::192.0.2.33, 2001:db8::c000:221",
        "::ffff:0:0:1, ::ffff:0:0:1"
    })
    void writesAddressesAsRfc5952Says(String text, String canonical) {
        assertEquals(canonical, ip(text).toString());
        assertEquals(ip(text), ip(canonical));
    }

    @ParameterizedTest(name = "refuses \"{0}\"")
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "256.0.0.1",
                "01.2.3.4",
                "1.2.3.4 ",
                "localhost",
                "a.b.c.d",
                ":",
                "::1%lo",
                "1::2::3",
                "12345::",
                "::ffff:10.0.0.1",
                "fe80",
                "[::1]",
                "1:2:3:4:5:6:7",
                "0x7f.1"
            })
    void refusesWhatIsNoAddress(String text) {
        assertEquals(Optional.empty(), IpAddress.parse(text));
    }

    @Test
    void goesToTheJdksFormAndBack() throws UnknownHostException {
        for (String text : new String[] {"10.0.0.1", "255.255.255.255", "::", "2001:db8::1", "::1.2.3.4"}) {
            InetAddress address = InetAddress.getByName(text);
            assertEquals(address, IpAddress.of(address).toInetAddress());
        }
        assertEquals(32, ip("1.2.3.4").bits());
        assertEquals(128, ip("::1").bits());
        assertEquals(0x0102_0304, ip("1.2.3.4").ipv4Bits());
    }

    @Test
    void ordersAddressesAsUnsignedNumbers() {
        assertTrue(ip("127.255.255.255").compareTo(ip("128.0.0.0")) < 0);
        assertTrue(ip("7fff::").compareTo(ip("8000::")) < 0);
        assertTrue(ip("::8000:0:0:0").compareTo(ip("::7fff:0:0:0")) > 0);
        assertEquals(0, ip("::1").compareTo(ip("::1")));
    }

    @ParameterizedTest(name = "refuses \"{0}\"")
    @ValueSource(
            strings = {"10.0.0.0/33", "10.0.0.1/24", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/024", "::/129", "::1/64", "/"
            })
    void refusesWhatIsNoPrefix(String text) {
        assertEquals(Optional.empty(), Prefix.parse(text));
    }

    @Test
    void takesAnAddressForAPrefixOfItsFullLength() {
        assertEquals(32, prefix("10.0.0.1").length());
        assertEquals(128, prefix("::1").length());
    }

    @Test
    void knowsThePrefixesOfLengthZero() {
        Prefix all4 = prefix("0.0.0.0/0");
        assertEquals(96, all4.mappedLength());
        assertEquals(all4, Prefix.around(ip("200.1.2.3"), 0));
        assertTrue(all4.contains(ip("255.255.255.255")));
        assertFalse(all4.contains(ip("::")));
        Prefix all6 = prefix("::/0");
        assertEquals(0, all6.mappedLength());
        assertEquals(all6, Prefix.around(ip("ffff::ffff"), 0));
        assertFalse(all6.contains(ip("1.2.3.4")));
        assertFalse(all6.overlaps(all4));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void holdsTheAddressesThatShareItsBits(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            boolean v4 = random.nextBoolean();
            IpAddress one =
                    v4 ? IpAddress.ofIpv4(random.nextInt()) : new IpAddress(random.nextLong(), random.nextLong());
            int length = random.nextInt(one.bits() + 1);
            int differsAt = random.nextInt(one.bits());
            Prefix prefix = Prefix.around(one, length);
            IpAddress other = flip(one, differsAt);
            assertTrue(prefix.contains(one));
            assertEquals(differsAt >= length, prefix.contains(other), () -> prefix + " and " + other);
            int otherLength = random.nextInt(one.bits() + 1);
            boolean common = differsAt >= Math.min(length, otherLength);
            assertEquals(common, prefix.overlaps(Prefix.around(other, otherLength)));
            assertEquals(prefix, prefix(prefix.toString()));
        }
    }

    private static IpAddress flip(IpAddress address, int bit) {
        int at = bit + 128 - address.bits();
        return at < 64
                ? new IpAddress(address.hi() ^ 1L << (63 - at), address.lo())
                : new IpAddress(address.hi(), address.lo() ^ 1L << (127 - at));
    }

    @Test
    void refusesPrefixesThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> new Prefix(ip("10.0.0.1"), 24));
        assertThrows(IllegalArgumentException.class, () -> new Prefix(ip("10.0.0.0"), 33));
        assertThrows(IllegalArgumentException.class, () -> Prefix.around(ip("10.0.0.0"), -1));
    }

    @Test
    void keepsOuterAddressesInTheKernelsForm() throws UnknownHostException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(3 * PacketBatch.ADDRESS_BYTES);
        InetSocketAddress v4 = new InetSocketAddress(InetAddress.getByName("198.51.100.2"), 4433);
        InetSocketAddress v6 = new InetSocketAddress(InetAddress.getByName("2001:db8::2"), 65_535);
        OuterAddress.write(buffer, 0, v4);
        OuterAddress.write(buffer, 28, v6);
        assertEquals(
                OuterAddress.FAMILY_INET, buffer.order(ByteOrder.nativeOrder()).getShort(0));
        assertEquals(OuterAddress.FAMILY_INET6, buffer.getShort(28));
        buffer.order(ByteOrder.BIG_ENDIAN);
        assertEquals(4433, buffer.getShort(2));
        assertEquals(0xc633_6402, buffer.getInt(4));
        assertEquals(v4, OuterAddress.read(buffer, 0));
        assertEquals(v6, OuterAddress.read(buffer, 28));
        assertEquals(OuterAddress.INET_BYTES, OuterAddress.bytes(buffer, 0));
        assertEquals(OuterAddress.INET6_BYTES, OuterAddress.bytes(buffer, 28));
        assertFalse(OuterAddress.same(buffer, 0, buffer, 28));
        OuterAddress.copy(buffer, 28, buffer, 56);
        assertTrue(OuterAddress.same(buffer, 28, buffer, 56));
        for (int differing : new int[] {58, 64, 79}) {
            buffer.put(differing, (byte) ~buffer.get(differing));
            assertFalse(OuterAddress.same(buffer, 28, buffer, 56), "byte " + differing);
            buffer.put(differing, (byte) ~buffer.get(differing));
        }
        buffer.put(60, (byte) 1); // the flow label is none of the address
        assertTrue(OuterAddress.same(buffer, 28, buffer, 56));
        assertThrows(IllegalArgumentException.class, () -> OuterAddress.read(ByteBuffer.allocate(28), 0));
    }
}
