package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final Admission admission = new Admission(HandshakeLimits.DEFAULT);

    private static InetAddress host(int number) {
        return MemoryNetwork.address(number, 1).getAddress();
    }

    @Test
    void strangersGetHalfOfThePlaces() {
        for (int i = 0; i < 16; i++) {
            assertTrue(admission.enter(host(i), false));
        }
        assertFalse(admission.enter(host(100), false));
        for (int i = 0; i < 8; i++) {
            assertTrue(admission.enter(host(200 + i), true));
            assertTrue(admission.enterOurs());
        }
        assertFalse(admission.enterOurs());
        assertFalse(admission.enter(host(300), true));
        assertEquals(32, admission.underWay());
        admission.leave(host(0), false);
        assertFalse(admission.enter(host(1_000), false) && admission.enter(host(1_001), false));
        admission.leaveOurs();
        assertTrue(admission.enterOurs());
    }

    @Test
    void oneAddressGetsTwo() {
        for (boolean configured : new boolean[] {true, false}) {
            assertTrue(admission.enter(host(1), configured));
            assertTrue(admission.enter(host(1), configured));
            assertFalse(admission.enter(host(1), configured));
            admission.leave(host(1), configured);
            assertTrue(admission.enter(host(1), configured));
            admission.leave(host(1), configured);
            admission.leave(host(1), configured);
        }
        assertEquals(0, admission.underWay());
    }
}
