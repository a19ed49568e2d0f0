package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The keys and fixed IVs of both directions of an association, as the handshake derived them. */
public final class RecordKeys {
    private final AeadAlgorithm algorithm;
    private final byte[] writeKey;
    private final byte[] readKey;
    private final FixedIv writeIv;
    private final FixedIv readIv;

    private RecordKeys(AeadAlgorithm algorithm, byte[] writeKey, byte[] readKey, FixedIv writeIv, FixedIv readIv) {
        this.algorithm = algorithm;
        this.writeKey = writeKey;
        this.readKey = readKey;
        this.writeIv = writeIv;
        this.readIv = readIv;
    }

    /** How many bytes of key block the algorithm takes, RFC 5246 section 6.3. */
    public static int keyBlockBytes(AeadAlgorithm algorithm) {
        return 2 * algorithm.keyBytes() + 2 * algorithm.fixedIvBytes();
    }

    /**
     * Cuts a key block: client's key, server's key, client's IV, server's IV (RFC 5246 section 6.3).
     *
     * @param role whose end this is
     */
    public static RecordKeys of(AeadAlgorithm algorithm, byte[] keyBlock, Role role) {
        int keyBytes = algorithm.keyBytes();
        int ivBytes = algorithm.fixedIvBytes();
        ByteBuffer block = ByteBuffer.wrap(keyBlock);
        byte[] client = Arrays.copyOfRange(keyBlock, 0, keyBytes);
        byte[] server = Arrays.copyOfRange(keyBlock, keyBytes, 2 * keyBytes);
        FixedIv clientIv = FixedIv.of(block, 2 * keyBytes, ivBytes);
        FixedIv serverIv = FixedIv.of(block, 2 * keyBytes + ivBytes, ivBytes);
        return role == Role.CLIENT
                ? new RecordKeys(algorithm, client, server, clientIv, serverIv)
                : new RecordKeys(algorithm, server, client, serverIv, clientIv);
    }

    AeadAlgorithm algorithm() {
        return algorithm;
    }

    AeadKey newWriteKey(Aead aead) {
        return aead.newKey(algorithm, writeKey);
    }

    AeadKey newReadKey(Aead aead) {
        return aead.newKey(algorithm, readKey);
    }

    AeadCipher newWriteCipher() {
        return new AeadCipher(algorithm, writeKey);
    }

    AeadCipher newReadCipher() {
        return new AeadCipher(algorithm, readKey);
    }

    FixedIv writeIv() {
        return writeIv;
    }

    FixedIv readIv() {
        return readIv;
    }

    /** Wipes the keys; those made from them live on. */
    public void destroy() {
        Arrays.fill(writeKey, (byte) 0);
        Arrays.fill(readKey, (byte) 0);
    }

    @Override
    public String toString() {
        return "RecordKeys";
    }
}
