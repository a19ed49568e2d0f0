package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every provider of AES-GCM does alike. */
@ParameterizedClass
@EnumSource(TestAead.class)
class AeadKeyTest {
    /** More than two bursts of libipsec-mb. */
    private static final int RECORDS = 300;

    private static final int SLOT_BYTES = 2_000;
    private static final int[] EDGES = {0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257
    };

    private final Aead aead;

    AeadKeyTest(TestAead provider) {
        this.aead = provider.aead();
    }

    /** McGrew and Viega, "The Galois/Counter Mode of Operation", those of their test cases with a nonce of 12 bytes. */
    @ParameterizedTest(name = "test case {0}")
    @CsvSource(delimiter = '|', emptyValue = "", textBlock = """
                    1 | 00000000000000000000000000000000 | 000000000000000000000000 | '' | '' | '' | 58e2fccefa7e3061367f1d57a4e7455a
                    2 | 00000000000000000000000000000000 | 000000000000000000000000 | '' | 00000000000000000000000000000000 | 0388dace60b6a392f328c2b971b2fe78 | ab6e47d42cec13bdf53a67b21257bddf
                    3 | feffe9928665731c6d6a8f9467308308 | cafebabefacedbaddecaf888 | '' | d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255 | 42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985 | 4d5c2af327cd64a62cf35abd2ba6fab4
                    4 | feffe9928665731c6d6a8f9467308308 | cafebabefacedbaddecaf888 | feedfacedeadbeeffeedfacedeadbeefabaddad2 | d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39 | 42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091 | 5bc94fbc3221a5db94fae95ae7121a47
                    13 | 0000000000000000000000000000000000000000000000000000000000000000 | 000000000000000000000000 | '' | '' | '' | 530f8afbc74536b9a963b4f1c4cb738b
                    14 | 0000000000000000000000000000000000000000000000000000000000000000 | 000000000000000000000000 | '' | 00000000000000000000000000000000 | cea7403d4d606b6e074ec5d3baf39d18 | d0d1c8a799996bf0265b98b5d48ab919
                    15 | feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308 | cafebabefacedbaddecaf888 | '' | d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255 | 522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad | b094dac5d93471bdec1a502270e3cc6c
                    16 | feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308 | cafebabefacedbaddecaf888 | feedfacedeadbeeffeedfacedeadbeefabaddad2 | d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39 | 522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 | 76fc6ece0f4e1768cddf8853bb2d551b
                    """)
    void givesTheKnownAnswer(
            int testCase, String key, String nonce, String aad, String text, String sealed, String tag) {
        AeadAlgorithm algorithm = key.length() == 32 ? AeadAlgorithm.AES_128_GCM : AeadAlgorithm.AES_256_GCM;
        AeadBatch batch = emptyBatch(1);
        add(batch, hex(text), hex(nonce), hex(aad));
        AeadKey working = aead.newKey(algorithm, hex(key));

        working.seal(batch);
        assertEquals(sealed + tag, HexFormat.of().formatHex(sealed(batch, 0)), "test case " + testCase);
        working.open(batch);
        assertFalse(batch.isFailed(0));
        assertEquals(text, HexFormat.of().formatHex(text(batch, 0)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesWhatTheJdkGivesAndOpensIt(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        AeadAlgorithm algorithm = seed % 2 == 0 ? AeadAlgorithm.AES_128_GCM : AeadAlgorithm.AES_256_GCM;
        byte[] keyBytes = bytes(random, algorithm.keyBytes());
        AeadKey key = aead.newKey(algorithm, keyBytes);
        AeadKey reference = new JceAead().newKey(algorithm, keyBytes);
        for (int round = 0; round < 20; round++) {
            AeadBatch batch = emptyBatch(RECORDS);
            AeadBatch expected = emptyBatch(RECORDS);
            int count = round == 0 ? RECORDS : 1 + random.nextInt(RECORDS);
            for (int i = 0; i < count; i++) {
                byte[] text = bytes(random, length(random));
                byte[] nonce = bytes(random, AeadBatch.NONCE_BYTES);
                byte[] aad = bytes(random, random.nextInt(AeadBatch.MAX_AAD_BYTES + 1));
                add(batch, text, nonce, aad);
                add(expected, text, nonce, aad);
            }
            List<byte[]> texts = texts(batch);

            key.seal(batch);
            reference.seal(expected);
            assertEquals(expected.slab(), batch.slab());
            key.open(batch);
            for (int i = 0; i < count; i++) {
                assertFalse(batch.isFailed(i), "record " + i);
                assertArrayEquals(texts.get(i), text(batch, i), "record " + i);
            }
        }
    }

    private static int length(SplittableRandom random) {
        return random.nextInt(3) == 0 ? random.nextInt(SLOT_BYTES - 100) : EDGES[random.nextInt(EDGES.length)];
    }

    @Test
    void takesEveryLengthUpToTheLongest() {
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, new byte[16]);
        AeadKey reference = new JceAead().newKey(AeadAlgorithm.AES_128_GCM, new byte[16]);
        int slot = 64 + RecordFormat.MAX_TEXT_BYTES + AeadBatch.TAG_BYTES;
        AeadBatch batch = new AeadBatch(1);
        AeadBatch expected = new AeadBatch(1);
        for (int length = 0;
                length <= RecordFormat.MAX_TEXT_BYTES;
                length = length < 1_600 ? length + 1 : next(length)) {
            for (AeadBatch one : List.of(batch, expected)) {
                one.begin(ByteBuffer.allocateDirect(slot));
                add(
                        one,
                        new byte[length],
                        ByteBuffer.allocate(12).putInt(length).array(),
                        new byte[13]);
            }
            key.seal(batch);
            reference.seal(expected);
            assertEquals(expected.slab(), batch.slab(), "length " + length);
            key.open(batch);
            assertFalse(batch.isFailed(0), "length " + length);
        }
    }

    /** By odd steps, and to the end exactly. */
    private static int next(int length) {
        return length == RecordFormat.MAX_TEXT_BYTES ? length + 1 : Math.min(length + 997, RecordFormat.MAX_TEXT_BYTES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "tag", "nonce", "data", "key"})
    void failsARecordWithAnyBitOfThisChangedAndNoOther(String what) {
        SplittableRandom random = new SplittableRandom(3);
        byte[] keyBytes = bytes(random, 16);
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, keyBytes);
        int textBytes = 41;
        int aadBytes = 29;
        int bits = 8
                * switch (what) {
                    case "text" -> textBytes;
                    case "tag" -> AeadBatch.TAG_BYTES;
                    case "nonce" -> AeadBatch.NONCE_BYTES;
                    case "data" -> aadBytes;
                    default -> keyBytes.length;
                };
        for (int bit = 0; bit < bits; bit++) {
            AeadBatch batch = emptyBatch(5);
            for (int i = 0; i < 5; i++) {
                add(batch, bytes(random, textBytes), bytes(random, 12), bytes(random, aadBytes));
            }
            List<byte[]> texts = texts(batch);
            key.seal(batch);
            AeadKey opening = key;
            switch (what) {
                case "text" -> flip(batch.slab(), batch.textOffset(2), bit);
                case "tag" -> flip(batch.slab(), batch.textOffset(2) + textBytes, bit);
                case "nonce" -> flip(batch.parameters(), batch.nonceOffset(2), bit);
                case "data" -> flip(batch.parameters(), batch.aadOffset(2), bit);
                default -> {
                    byte[] other = keyBytes.clone();
                    other[bit / 8] ^= (byte) (1 << bit % 8);
                    opening = aead.newKey(AeadAlgorithm.AES_128_GCM, other);
                }
            }
            opening.open(batch);
            for (int i = 0; i < 5; i++) {
                boolean forged = i == 2 || what.equals("key");
                assertEquals(forged, batch.isFailed(i), "record " + i + ", bit " + bit);
                assertEquals(!forged, Arrays.equals(texts.get(i), text(batch, i)), "text of " + i);
            }
        }
    }

    @Test
    void failsWhatIsCutShort() {
        AeadKey key = aead.newKey(AeadAlgorithm.AES_256_GCM, new byte[32]);
        for (int length = 0; length < 60; length++) {
            AeadBatch batch = emptyBatch(2);
            add(batch, new byte[60], ByteBuffer.allocate(12).putInt(length).array(), new byte[13]);
            key.seal(batch);
            batch.begin(batch.slab());
            batch.add(0, 64, length);
            key.open(batch);
            assertTrue(batch.isFailed(0), "length " + length);
        }
    }

    @Test
    void touchesNothingBesideTextAndTag() {
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, new byte[16]);
        AeadBatch batch = emptyBatch(RECORDS);
        fill(batch.slab(), (byte) 0x5a);
        for (int i = 0; i < RECORDS; i++) {
            add(batch, new byte[i % 70], ByteBuffer.allocate(12).putInt(i).array(), new byte[13]);
        }
        key.seal(batch);
        key.open(batch);
        for (int i = 0; i < RECORDS; i++) {
            int end = batch.textOffset(i) + batch.textLength(i) + AeadBatch.TAG_BYTES;
            assertEquals(0x5a, batch.slab().get(batch.textOffset(i) - 1), "before " + i);
            assertEquals(0x5a, batch.slab().get(end), "after " + i);
        }
    }

    @Test
    void refusesTextsOutsideOfTheSlab() {
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, new byte[16]);
        for (int[] place : new int[][] {{90, 0}, {0, 90}, {-1, 10}, {Integer.MAX_VALUE - 5, 10}, {0, -17}}) {
            AeadBatch batch = new AeadBatch(1);
            batch.begin(ByteBuffer.allocateDirect(100));
            batch.add(0, place[0], place[1]);
            assertThrows(RuntimeException.class, () -> key.seal(batch), place[0] + " " + place[1]);
        }
    }

    @Test
    void anEmptyBatchIsNothing() {
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, new byte[16]);
        AeadBatch batch = emptyBatch(1);
        key.seal(batch);
        key.open(batch);
        assertEquals(0, batch.count());
    }

    @Test
    void aDestroyedKeyComputesNothing() {
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, new byte[16]);
        key.destroy();
        AeadBatch batch = emptyBatch(1);
        add(batch, new byte[10], new byte[12], new byte[13]);
        assertThrows(IllegalStateException.class, () -> key.seal(batch));
        assertThrows(IllegalStateException.class, () -> key.open(batch));
        assertArrayEquals(new byte[10], text(batch, 0));
    }

    @Test
    void refusesAKeyOfAnotherLength() {
        assertThrows(IllegalArgumentException.class, () -> aead.newKey(AeadAlgorithm.AES_256_GCM, new byte[16]));
        assertThrows(IllegalArgumentException.class, () -> aead.newKey(AeadAlgorithm.AES_128_GCM, new byte[32]));
    }

    @Test
    void copiesTheKey() {
        byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        AeadKey key = aead.newKey(AeadAlgorithm.AES_128_GCM, bytes);
        AeadKey same = aead.newKey(AeadAlgorithm.AES_128_GCM, bytes);
        bytes[0] = 99;
        AeadBatch batch = emptyBatch(1);
        add(batch, new byte[10], new byte[12], new byte[13]);
        key.seal(batch);
        same.open(batch);
        assertFalse(batch.isFailed(0));
    }

    /** As workers do, and as an association does that goes from one worker to another. */
    @Test
    @Timeout(60)
    void manyThreadsWorkEachWithItsOwnKeys() throws Exception {
        int threads = 6;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<AeadKey>> done = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                SplittableRandom random = new SplittableRandom(i);
                done.add(pool.submit(
                        () -> sealsAndOpens(random, aead.newKey(AeadAlgorithm.AES_128_GCM, bytes(random, 16)))));
            }
            for (int i = 0; i < threads; i++) {
                AeadKey used = done.get(i).get();
                SplittableRandom random = new SplittableRandom(100 + i);
                done.set(i, pool.submit(() -> sealsAndOpens(random, used)));
            }
            for (Future<AeadKey> one : done) {
                one.get().destroy();
            }
        } finally {
            pool.shutdownNow();
            assertTrue(pool.awaitTermination(10, TimeUnit.SECONDS));
        }
    }

    private static AeadKey sealsAndOpens(SplittableRandom random, AeadKey key) {
        AeadBatch batch = emptyBatch(RECORDS);
        for (int round = 0; round < 50; round++) {
            batch.begin(batch.slab());
            for (int i = 0; i < RECORDS; i++) {
                add(batch, bytes(random, length(random)), bytes(random, 12), bytes(random, 13));
            }
            List<byte[]> texts = texts(batch);
            key.seal(batch);
            key.open(batch);
            for (int i = 0; i < RECORDS; i++) {
                assertFalse(batch.isFailed(i), "record " + i);
                assertArrayEquals(texts.get(i), text(batch, i), "record " + i);
            }
        }
        return key;
    }

    private static AeadBatch emptyBatch(int capacity) {
        AeadBatch batch = new AeadBatch(capacity);
        batch.begin(ByteBuffer.allocateDirect(capacity * SLOT_BYTES));
        return batch;
    }

    /** Puts the text 64 bytes into the next slot, and wherever alignment is worst after that. */
    private static void add(AeadBatch batch, byte[] text, byte[] nonce, byte[] aad) {
        int i = batch.count();
        int offset = i * SLOT_BYTES + 64 + i % 16;
        int record = batch.add(i, offset, text.length);
        batch.slab().put(offset, text);
        batch.parameters().put(batch.nonceOffset(record), nonce);
        batch.parameters().put(batch.aadOffset(record), aad);
        batch.setAadLength(record, aad.length);
    }

    private static List<byte[]> texts(AeadBatch batch) {
        List<byte[]> texts = new ArrayList<>();
        for (int i = 0; i < batch.count(); i++) {
            texts.add(text(batch, i));
        }
        return texts;
    }

    private static byte[] text(AeadBatch batch, int record) {
        byte[] text = new byte[batch.textLength(record)];
        batch.slab().get(batch.textOffset(record), text);
        return text;
    }

    private static byte[] sealed(AeadBatch batch, int record) {
        byte[] sealed = new byte[batch.textLength(record) + AeadBatch.TAG_BYTES];
        batch.slab().get(batch.textOffset(record), sealed);
        return sealed;
    }

    private static void flip(ByteBuffer buffer, int at, int bit) {
        buffer.put(at + bit / 8, (byte) (buffer.get(at + bit / 8) ^ 1 << bit % 8));
    }

    private static void fill(ByteBuffer buffer, byte value) {
        for (int at = 0; at < buffer.capacity(); at++) {
            buffer.put(at, value);
        }
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
