package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The keys and salts of both directions of an association, as the handshake derived them. */
public final class RecordKeys {
    private static final int SALT_BYTES = 4;

    private final AeadAlgorithm algorithm;
    private final byte[] writeKey;
    private final byte[] readKey;
    private final int writeSalt;
    private final int readSalt;

    private RecordKeys(AeadAlgorithm algorithm, byte[] writeKey, byte[] readKey, int writeSalt, int readSalt) {
        this.algorithm = algorithm;
        this.writeKey = writeKey;
        this.readKey = readKey;
        this.writeSalt = writeSalt;
        this.readSalt = readSalt;
    }

    /** How many bytes of key block the algorithm takes, RFC 5246 section 6.3. */
    public static int keyBlockBytes(AeadAlgorithm algorithm) {
        return 2 * algorithm.keyBytes() + 2 * SALT_BYTES;
    }

    /**
     * Cuts a key block: client's key, server's key, client's salt, server's salt (RFC 5246 section 6.3).
     *
     * @param role whose end this is
     */
    public static RecordKeys of(AeadAlgorithm algorithm, byte[] keyBlock, Role role) {
        int keyBytes = algorithm.keyBytes();
        ByteBuffer block = ByteBuffer.wrap(keyBlock);
        byte[] client = Arrays.copyOfRange(keyBlock, 0, keyBytes);
        byte[] server = Arrays.copyOfRange(keyBlock, keyBytes, 2 * keyBytes);
        int clientSalt = block.getInt(2 * keyBytes);
        int serverSalt = block.getInt(2 * keyBytes + SALT_BYTES);
        return role == Role.CLIENT
                ? new RecordKeys(algorithm, client, server, clientSalt, serverSalt)
                : new RecordKeys(algorithm, server, client, serverSalt, clientSalt);
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

    AesKey copyWriteKey() {
        return new AesKey(writeKey);
    }

    AesKey copyReadKey() {
        return new AesKey(readKey);
    }

    int writeSalt() {
        return writeSalt;
    }

    int readSalt() {
        return readSalt;
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
