package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EchoRequestTest {
    @ParameterizedTest
    @CsvSource({"10.0.0.254, 100.64.2.10, 1, 8", "2001:db8:1::fe, 2001:db8:2::a, 58, 128"})
    void isWhatTheParserTakesAndItsSumsAreRight(String from, String to, int protocol, int type) {
        IpAddress source = IpAddress.parse(from).orElseThrow();
        IpAddress destination = IpAddress.parse(to).orElseThrow();
        for (int bytes = 0; bytes < 20; bytes++) {
            PacketBatch batch = new PacketBatch(1, 200);
            int slot = batch.addCopy(EchoRequest.of(source, destination, 7, new byte[bytes]));
            InnerHeader inner = batch.inner();
            assertNull(inner.parse(slot));
            assertEquals(protocol, inner.protocol(slot));
            assertEquals(type, inner.icmpType(slot));
            assertEquals(source.lo(), inner.sourceLo(slot));
            assertEquals(destination.hi(), inner.destinationHi(slot));
            assertEquals(destination.lo(), inner.destinationLo(slot));
            int at = inner.l4Offset(slot);
            int icmpBytes = inner.end(slot) - at;
            assertEquals(IcmpHeader.BYTES + bytes, icmpBytes);
            int sum = Checksum.sum(batch.slab(), at, icmpBytes);
            int pseudo = protocol == InnerHeader.ICMPV6 ? Checksum.pseudoHeader(inner, slot, icmpBytes) : 0;
            assertEquals(0, Checksum.complement(Checksum.add(sum, pseudo)));
            if (source.isIpv4()) {
                assertEquals(0, Checksum.complement(Checksum.sum(batch.slab(), batch.offset(slot), Ipv4Header.BYTES)));
            }
        }
    }

    @Test
    void bothEndsAreOfOneFamily() {
        IpAddress ipv4 = IpAddress.parse("10.0.0.1").orElseThrow();
        IpAddress ipv6 = IpAddress.parse("2001:db8::1").orElseThrow();
        assertThrows(IllegalArgumentException.class, () -> EchoRequest.of(ipv4, ipv6, 0, new byte[8]));
    }
}
