package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;
import org.junit.jupiter.api.Test;

class CookiesTest {
    private static final Association.Path PATH = new Association.Path(0, MemoryNetwork.address(1, 1));

    private final byte[] random = new byte[32];
    private long now = -5_000_000_000L;
    private final Cookies cookies = new Cookies(new HandshakeCrypto(new SecureRandom(), 0, null), 10, 10, () -> now);

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
    void oneSourceTakesNothingFromOthers() {
        Cookies limited = new Cookies(new HandshakeCrypto(new SecureRandom(), 0, null), 10, 3, () -> now);
        byte[] hello = StallingClient.clientHello(random, new byte[0], 0);
        for (int i = 0; i < 1_000; i++) {
            Association.Path port = new Association.Path(0, MemoryNetwork.address(1, 1 + i));
            assertEquals(
                    i < 3 ? null : DropReason.RATE_LIMITED,
                    limited.verify(port, hello, false).reason());
        }
        for (int i = 0; i < 7; i++) {
            Association.Path other = new Association.Path(0, MemoryNetwork.address(2 + i, 1));
            assertNotNull(limited.verify(other, hello, false).reply());
        }
        Association.Path late = new Association.Path(0, MemoryNetwork.address(100, 1));
        assertEquals(DropReason.RATE_LIMITED, limited.verify(late, hello, false).reason(), "all together");
    }

    /** Beyond the rate nothing is parsed or computed: of this Bouncy Castle would make another reason. */
    @Test
    void theRateComesBeforeTheCookie() {
        Cookies limited = new Cookies(new HandshakeCrypto(new SecureRandom(), 0, null), 10, 3, () -> now);
        byte[] malformed = Attacks.fragment(1, 60, 0, 0, new byte[60]);
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    DropReason.HANDSHAKE_FILTERED,
                    limited.verify(PATH, malformed, false).reason());
        }
        assertEquals(
                DropReason.RATE_LIMITED, limited.verify(PATH, malformed, false).reason());
    }

    @Test
    void theAnswerIsNotLongerThanTheShortestQuestion() {
        byte[] body = new byte[2 + 32 + 1 + 1 + 2 + 2 + 1 + 1];
        ByteBuffer.wrap(body)
                .putShort(0, (short) RecordFormat.DTLS_1_2)
                .putShort(36, (short) 2)
                .putShort(38, (short) 0xc02b)
                .put(40, (byte) 1);
        byte[] hello = Attacks.fragment(1, body.length, 0, 0, body);
        byte[] reply = cookies.verify(PATH, hello, false).reply();
        assertNotNull(reply);
        assertTrue(reply.length < hello.length, reply.length + " bytes for " + hello.length);
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
        Association.Path ofConfigured = new Association.Path(0, MemoryNetwork.address(7, 1));
        for (int i = 0; i < 5; i++) {
            assertNotNull(cookies.verify(ofConfigured, hello, true).reply(), "configured peers have their own");
        }
        assertEquals(
                DropReason.RATE_LIMITED,
                cookies.verify(ofConfigured, hello, true).reason(),
                "half is for others");
        Association.Path another = new Association.Path(0, MemoryNetwork.address(8, 1));
        assertNotNull(cookies.verify(another, hello, true).reply());
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
