package net.vgate.record;

import java.util.Locale;

/**
 * The record protection of an association: AES-GCM as RFC 5288 uses it, 4 bytes of salt and 8 bytes of explicit nonce;
 * or ChaCha20-Poly1305 as RFC 7905 does, whose nonce is implicit.
 */
public enum AeadAlgorithm {
    AES_128_GCM(1, 16, 4),
    AES_256_GCM(2, 32, 4),
    CHACHA20_POLY1305(29, 32, 12);

    private final int number;

    private final int keyBytes;
    private final int fixedIvBytes;
    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    AeadAlgorithm(int number, int keyBytes, int fixedIvBytes) {
        this.number = number;
        this.keyBytes = keyBytes;
        this.fixedIvBytes = fixedIvBytes;
    }

    /** In IANA's registry of AEAD algorithms, RFC 5116 section 6; 1 to 31. */
    public int number() {
        return number;
    }

    /** Length of the key, in bytes. */
    public int keyBytes() {
        return keyBytes;
    }

    /** Length of the part of nonces that comes from the key block, RFC 5246 section 6.3's fixed_iv_length, in bytes. */
    int fixedIvBytes() {
        return fixedIvBytes;
    }

    /** Length of the nonce that is in each record, RFC 5246 section 6.2.3.3's record_iv_length, in bytes. */
    public int explicitNonceBytes() {
        return AeadBatch.NONCE_BYTES - fixedIvBytes;
    }

    /** As configuration and status have it. */
    public String label() {
        return label;
    }
}
