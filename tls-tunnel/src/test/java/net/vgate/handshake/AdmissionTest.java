package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.vgate.packet.DropReason;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final AtomicLong now = new AtomicLong();
    private final Admission admission = new Admission(HandshakeLimits.DEFAULT, now::get);

    private boolean enter(InetAddress source, boolean configured) {
        return admission.enter(source, configured) == null;
    }

    private static InetAddress host(int number) {
        return MemoryNetwork.address(number, 1).getAddress();
    }

    @Test
    void strangersGetHalfOfThePlaces() {
        for (int i = 0; i < 16; i++) {
            assertTrue(enter(host(i), false));
        }
        assertFalse(enter(host(100), false));
        for (int i = 0; i < 8; i++) {
            assertTrue(enter(host(200 + i), true));
            assertTrue(admission.enterOurs());
        }
        assertFalse(admission.enterOurs());
        assertFalse(enter(host(300), true));
        assertEquals(32, admission.underWay());
        admission.leave(host(0), false);
        assertFalse(enter(host(1_000), false) && enter(host(1_001), false));
        admission.leaveOurs();
        assertTrue(admission.enterOurs());
    }

    @Test
    void oneAddressGetsTwo() {
        for (boolean configured : new boolean[] {true, false}) {
            assertTrue(enter(host(1), configured));
            assertTrue(enter(host(1), configured));
            assertFalse(enter(host(1), configured));
            admission.leave(host(1), configured);
            assertTrue(enter(host(1), configured));
            admission.leave(host(1), configured);
            admission.leave(host(1), configured);
        }
        assertEquals(0, admission.underWay());
    }

    @Test
    void strangersBeginSoManyASecondAndConfiguredSourcesDoNotCount() {
        for (int i = 0; i < 50; i++) {
            assertNull(admission.enter(host(i), false));
            admission.leave(host(i), false);
        }
        assertEquals(DropReason.RATE_LIMITED, admission.enter(host(50), false));
        assertNull(admission.enter(host(51), true));
        assertTrue(admission.enterOurs());
        assertEquals(2, admission.underWay());
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(20));
        assertNull(admission.enter(host(52), false));
        assertEquals(DropReason.RATE_LIMITED, admission.enter(host(53), false));
    }

    @Test
    void whoFindsNoPlaceTakesNothingOfTheRate() {
        for (int i = 0; i < 16; i++) {
            assertNull(admission.enter(host(i), false));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(DropReason.HANDSHAKE_LIMIT, admission.enter(host(100 + i), false));
        }
        for (int i = 0; i < 34; i++) {
            admission.leave(host(i == 0 ? 0 : 199 + i), false);
            assertNull(admission.enter(host(200 + i), false));
        }
        admission.leave(host(233), false);
        assertEquals(DropReason.RATE_LIMITED, admission.enter(host(300), false));
    }
}
