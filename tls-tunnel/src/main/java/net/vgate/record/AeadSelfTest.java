package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Makes a provider compute what is known before it is trusted with packets: published vectors, the same as the JDK's
 * AES-GCM for texts of awkward lengths, and whether it notices a forged record, and only that.
 */
public final class AeadSelfTest {
    /** McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4 and 16: nonce, data and text of both. */
    private static final byte[] NONCE = hex("cafebabefacedbaddecaf888");

    private static final byte[] AAD = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    private static final byte[] TEXT = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    private static final byte[] KEY = hex("feffe9928665731c6d6a8f9467308308");
    private static final byte[] LONG_KEY = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    private static final byte[] SEALED = hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47");
    private static final byte[] LONG_SEALED = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");

    /** Around blocks, and around the strides that implementations take. */
    private static final int[] LENGTHS = {0, 1, 15, 16, 17, 127, 129, 767, 769, 1_400, RecordFormat.MAX_TEXT_BYTES};

    private AeadSelfTest() {}

    /**
     * Tries both algorithms, in some milliseconds.
     *
     * @throws AeadUnavailableException when the provider computed something else than it should
     */
    public static void run(Aead aead) throws AeadUnavailableException {
        checkVector(aead, AeadAlgorithm.AES_128_GCM, KEY, SEALED);
        checkVector(aead, AeadAlgorithm.AES_256_GCM, LONG_KEY, LONG_SEALED);
        checkLengths(aead, AeadAlgorithm.AES_128_GCM, KEY);
        checkLengths(aead, AeadAlgorithm.AES_256_GCM, LONG_KEY);
    }

    private static void checkVector(Aead aead, AeadAlgorithm algorithm, byte[] key, byte[] sealed)
            throws AeadUnavailableException {
        AeadBatch batch = new AeadBatch(1);
        ByteBuffer slab = ByteBuffer.allocateDirect(TEXT.length + AeadBatch.TAG_BYTES);
        slab.put(0, TEXT);
        batch.begin(slab);
        add(batch, 0, TEXT.length);
        AeadKey working = aead.newKey(algorithm, key);
        working.seal(batch);
        check(slab.equals(ByteBuffer.wrap(sealed)), algorithm + " does not give the known answer");
        working.open(batch);
        check(
                !batch.isFailed(0) && slab.slice(0, TEXT.length).equals(ByteBuffer.wrap(TEXT)),
                algorithm + " does not open the known answer");
        working.destroy();
    }

    private static void checkLengths(Aead aead, AeadAlgorithm algorithm, byte[] key) throws AeadUnavailableException {
        AeadKey working = aead.newKey(algorithm, key);
        AeadKey reference = new JceAead().newKey(algorithm, key);
        AeadBatch batch = texts();
        AeadBatch expected = texts();
        working.seal(batch);
        reference.seal(expected);
        check(batch.slab().equals(expected.slab()), algorithm + " does not seal as the JDK does");

        int forged = LENGTHS.length / 2;
        int at = batch.textOffset(forged);
        batch.slab().put(at, (byte) ~batch.slab().get(at));
        working.open(batch);
        ByteBuffer plain = texts().slab();
        for (int record = 0; record < batch.count(); record++) {
            check(batch.isFailed(record) == (record == forged), algorithm + " does not tell a forged record");
        }
        for (int record = 0; record < batch.count(); record++) {
            check(
                    record == forged || text(batch.slab(), batch, record).equals(text(plain, batch, record)),
                    algorithm + " does not open what it sealed");
        }
        working.destroy();
        reference.destroy();
    }

    private static AeadBatch texts() {
        AeadBatch batch = new AeadBatch(LENGTHS.length);
        int slot = RecordFormat.MAX_TEXT_BYTES + AeadBatch.TAG_BYTES;
        ByteBuffer slab = ByteBuffer.allocateDirect(LENGTHS.length * slot);
        for (int at = 0; at < slab.capacity(); at++) {
            slab.put(at, (byte) (at * 7));
        }
        batch.begin(slab);
        for (int i = 0; i < LENGTHS.length; i++) {
            add(batch, i * slot, LENGTHS[i]);
        }
        return batch;
    }

    private static ByteBuffer text(ByteBuffer slab, AeadBatch batch, int record) {
        return slab.slice(batch.textOffset(record), batch.textLength(record));
    }

    private static void add(AeadBatch batch, int offset, int length) {
        int record = batch.add(0, offset, length);
        batch.parameters().put(batch.nonceOffset(record), NONCE);
        batch.parameters().put(batch.nonceOffset(record), (byte) (NONCE[0] + record));
        batch.parameters().put(batch.aadOffset(record), AAD);
        batch.setAadLength(record, AAD.length);
    }

    private static void check(boolean right, String problem) throws AeadUnavailableException {
        if (!right) {
            throw new AeadUnavailableException("it fails the self-test: " + problem);
        }
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
