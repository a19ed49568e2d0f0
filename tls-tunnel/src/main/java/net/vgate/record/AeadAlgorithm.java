package net.vgate.record;

/**
 * The record protection of an association: AES-GCM as RFC 5288 uses it, 4 bytes of salt and 8 bytes of explicit nonce.
 */
public enum AeadAlgorithm {
    AES_128_GCM(16),
    AES_256_GCM(32);

    private final int keyBytes;

    AeadAlgorithm(int keyBytes) {
        this.keyBytes = keyBytes;
    }

    /** Length of the key, in bytes. */
    public int keyBytes() {
        return keyBytes;
    }
}
