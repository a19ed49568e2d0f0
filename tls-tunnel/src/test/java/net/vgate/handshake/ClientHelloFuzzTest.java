package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.SecureRandom;
import net.vgate.record.Association;

/** Nobody gets past the cookie by chance, or gets more back than it sent. */
class ClientHelloFuzzTest {
    private static final Association.Path PATH = new Association.Path(0, MemoryNetwork.address(1, 1));

    private final Cookies cookies =
            new Cookies(new HandshakeCrypto(new SecureRandom(), 0, null), 1_000_000, 1_000_000, System::nanoTime);

    @FuzzTest
    void isLookedIntoWithoutHarm(byte[] datagram) {
        int last = ClientHello.lastByteOfConnectionId(datagram);
        assertTrue(last >= 0 && last <= 0xff, () -> "last byte " + last);
    }

    @FuzzTest
    void isAnsweredWithACookieOrNotAtAll(byte[] datagram) {
        if (!Cookies.isClientHello(datagram)) {
            return;
        }
        Cookies.Verdict verdict = cookies.verify(PATH, datagram, false);
        assertNull(verdict.request());
        byte[] reply = verdict.reply();
        assertTrue(reply == null || reply.length < datagram.length);
    }
}
