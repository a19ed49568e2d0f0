package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With providers that are wrong on purpose: the JDK's, and what is done beside or instead. */
class AeadSelfTestTest {
    @ParameterizedTest
    @EnumSource(TestAead.class)
    void passesWhatWorks(TestAead provider) {
        Aead aead = provider.aead();
        assertDoesNotThrow(() -> AeadSelfTest.run(aead));
    }

    @Test
    void findsAWrongTag() {
        assertFinds(
                "does not give the known answer",
                (jdk, batch) -> {
                    jdk.seal(batch);
                    flip(batch, 0, batch.textLength(0));
                },
                AeadKey::open);
    }

    @Test
    void findsThatNothingIsEncrypted() {
        assertFinds("does not give the known answer", (jdk, batch) -> {}, (jdk, batch) -> {});
    }

    @Test
    void findsAWrongByteInALongText() {
        assertFinds(
                "does not seal as the JDK does",
                (jdk, batch) -> {
                    jdk.seal(batch);
                    int last = batch.count() - 1;
                    if (last > 0) {
                        flip(batch, last, batch.textLength(last) / 2);
                    }
                },
                AeadKey::open);
    }

    @Test
    void findsThatGenuineRecordsFail() {
        assertFinds("does not open the known answer", AeadKey::seal, (jdk, batch) -> batch.fail(0));
    }

    @Test
    void findsThatForgedRecordsPass() {
        assertFinds("does not tell a forged record", AeadKey::seal, (jdk, batch) -> {
            if (batch.count() == 1) {
                jdk.open(batch);
            }
        });
    }

    @Test
    void findsThatAForgedRecordTakesOthersWithIt() {
        assertFinds("does not tell a forged record", AeadKey::seal, (jdk, batch) -> {
            jdk.open(batch);
            if (batch.count() > 1) {
                batch.fail(0);
            }
        });
    }

    @Test
    void findsAWrongPlaintext() {
        assertFinds("does not open what it sealed", AeadKey::seal, (jdk, batch) -> {
            jdk.open(batch);
            if (batch.count() > 1) {
                flip(batch, batch.count() - 1, 0);
            }
        });
    }

    private static void assertFinds(
            String words, BiConsumer<AeadKey, AeadBatch> seal, BiConsumer<AeadKey, AeadBatch> open) {
        AeadUnavailableException found =
                assertThrows(AeadUnavailableException.class, () -> AeadSelfTest.run(new FaultyAead(seal, open)));
        assertTrue(String.valueOf(found.getMessage()).contains(words), found.getMessage());
    }

    private static void flip(AeadBatch batch, int record, int at) {
        int offset = batch.textOffset(record) + at;
        batch.slab().put(offset, (byte) ~batch.slab().get(offset));
    }

    private record FaultyAead(BiConsumer<AeadKey, AeadBatch> seal, BiConsumer<AeadKey, AeadBatch> open)
            implements Aead {
        @Override
        public String name() {
            return "faulty";
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public boolean supports(AeadAlgorithm algorithm) {
            return true;
        }

        @Override
        public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
            AeadKey jdk = new JceAead().newKey(algorithm, key);
            return new AeadKey() {
                @Override
                public void seal(AeadBatch batch) {
                    seal.accept(jdk, batch);
                }

                @Override
                public void open(AeadBatch batch) {
                    open.accept(jdk, batch);
                }

                @Override
                public void destroy() {
                    jdk.destroy();
                }
            };
        }
    }
}
