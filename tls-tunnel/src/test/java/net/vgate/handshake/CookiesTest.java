package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import org.junit.jupiter.api.Test;

class CookiesTest {
    private static final Association.Path PATH = new Association.Path(0, MemoryNetwork.address(1, 1));

    private final byte[] random = new byte[32];
    private long now = -5_000_000_000L;
    private final Cookies cookies = new Cookies(new HandshakeCrypto(new SecureRandom(), 0, null), 10, () -> now);

    private byte[] cookie(Association.Path path) {
        Cookies.Verdict verdict = cookies.verify(path, StallingClient.clientHello(random, new byte[0], 0), false);
        byte[] reply = verdict.reply();
        assertNotNull(reply);
        return Arrays.copyOfRange(reply, 28, 28 + reply[27]);
    }

    private boolean isGood(Association.Path path, byte[] cookie) {
        Cookies.Verdict verdict = cookies.verify(path, StallingClient.clientHello(random, cookie, 1), false);
        return verdict.request() != null;
    }

    @Test
    void aCookieIsGoodForItsAddressAndItsHelloOnly() {
        byte[] cookie = cookie(PATH);
        assertEquals(true, isGood(PATH, cookie));
        assertEquals(false, isGood(new Association.Path(1, PATH.remote()), cookie));
        assertEquals(false, isGood(new Association.Path(0, MemoryNetwork.address(1, 2)), cookie));
        assertEquals(false, isGood(new Association.Path(0, MemoryNetwork.address(2, 1)), cookie));
        random[31] = 1;
        assertEquals(false, isGood(PATH, cookie));
    }

    @Test
    void aCookieOutlivesOneChangeOfTheSecret() {
        byte[] cookie = cookie(PATH);
        now += TimeUnit.SECONDS.toNanos(61);
        assertEquals(true, isGood(PATH, cookie));
        now += TimeUnit.SECONDS.toNanos(61);
        assertEquals(false, isGood(PATH, cookie));
    }

    @Test
    void soManyASecondAreComputedAndNoMore() {
        byte[] hello = StallingClient.clientHello(random, new byte[0], 0);
        for (int i = 0; i < 10; i++) {
            assertNotNull(cookies.verify(PATH, hello, false).reply());
        }
        Cookies.Verdict tooMany = cookies.verify(PATH, hello, false);
        assertNull(tooMany.reply());
        assertEquals(DropReason.RATE_LIMITED, tooMany.reason());
        assertNotNull(cookies.verify(PATH, hello, true).reply(), "configured peers have their own");
        now += TimeUnit.MILLISECONDS.toNanos(100);
        assertNotNull(cookies.verify(PATH, hello, false).reply());
        assertNull(cookies.verify(PATH, hello, false).reply());
        now += TimeUnit.HOURS.toNanos(1);
        for (int i = 0; i < 10; i++) {
            assertNotNull(cookies.verify(PATH, hello, false).reply());
        }
        assertNull(cookies.verify(PATH, hello, false).reply());
    }
}
