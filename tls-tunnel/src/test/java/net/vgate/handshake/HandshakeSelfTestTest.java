package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import net.vgate.record.Aead;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AeadBatch;
import net.vgate.record.AeadKey;
import net.vgate.record.JceAead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeSelfTestTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Test
    void passesHereAndLeavesNoThreadBehind() throws Exception {
        HandshakeSelfTest.run(new JceAead(), RANDOM);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("handshake-"))) {
            assertTrue(System.nanoTime() - deadline < 0, "threads of handshakes live on");
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void saysInOneLineWhatDidNotWork() {
        String message = failure(new Tampering(false) {
            @Override
            public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
                throw new IllegalStateException("no AES\nhere");
            }
        });
        assertTrue(message.contains("internal: java.lang.IllegalStateException: no AES?here"), message);
        assertTrue(message.contains(System.getProperty("java.home")), message);
    }

    @Test
    void seesAnAeadThatDoesNotSealWhatItOpens() {
        assertTrue(failure(new Tampering(false)).contains("a record was dropped: AUTH_FAILED"));
    }

    @Test
    void seesAnAeadThatOpensToSomethingElse() {
        assertTrue(failure(new Tampering(true)).contains("a record came out as another one"));
    }

    private static String failure(Aead aead) {
        String message = assertThrows(SelfTestException.class, () -> HandshakeSelfTest.run(aead, RANDOM))
                .getMessage();
        assertFalse(String.valueOf(message).contains("\n"), message);
        return String.valueOf(message);
    }

    /** Flips a bit of each text after it was sealed, or after it was opened. */
    private static class Tampering implements Aead {
        private final boolean afterOpening;

        Tampering(boolean afterOpening) {
            this.afterOpening = afterOpening;
        }

        @Override
        public String name() {
            return "tampering";
        }

        @Override
        public String version() {
            return "0";
        }

        @Override
        public boolean supports(AeadAlgorithm algorithm) {
            return true;
        }

        @Override
        public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
            AeadKey sound = new JceAead().newKey(algorithm, key);
            return new AeadKey() {
                @Override
                public void seal(AeadBatch batch) {
                    sound.seal(batch);
                    if (!afterOpening) {
                        flip(batch);
                    }
                }

                @Override
                public void open(AeadBatch batch) {
                    sound.open(batch);
                    if (afterOpening) {
                        flip(batch);
                    }
                }

                @Override
                public void destroy() {
                    sound.destroy();
                }
            };
        }

        private static void flip(AeadBatch batch) {
            int at = batch.textOffset(batch.count() - 1);
            batch.slab().put(at, (byte) (batch.slab().get(at) ^ 1));
        }
    }
}
