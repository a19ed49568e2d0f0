package net.vgate.record;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * A key and a cipher of the JDK.
 *
 * <p><b>Threading.</b> One thread at a time; {@link #destroy} may be called by another.
 */
final class AeadCipher {
    private final AeadAlgorithm algorithm;
    private final CipherKey key;
    private final Cipher cipher;
    private final byte[] lastNonce = new byte[AeadBatch.NONCE_BYTES];

    /** {@code key} is copied. */
    AeadCipher(AeadAlgorithm algorithm, byte[] key) {
        if (key.length != algorithm.keyBytes()) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes for " + algorithm);
        }
        this.algorithm = algorithm;
        this.key = new CipherKey(isGcm(algorithm) ? "AES" : "ChaCha20", key);
        this.cipher = newCipher(algorithm);
    }

    static Cipher newCipher(AeadAlgorithm algorithm) {
        try {
            return Cipher.getInstance(isGcm(algorithm) ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + algorithm, e);
        }
    }

    private static boolean isGcm(AeadAlgorithm algorithm) {
        return algorithm != AeadAlgorithm.CHACHA20_POLY1305;
    }

    /**
     * Encrypts {@code length} bytes and puts the tag behind them.
     *
     * @param out may be {@code in}, at the same place
     */
    void seal(byte[] nonce, byte[] aad, int aadLength, byte[] in, int inAt, int length, byte[] out, int outAt) {
        try {
            init(Cipher.ENCRYPT_MODE, nonce);
            cipher.updateAAD(aad, 0, aadLength);
            cipher.doFinal(in, inAt, length, out, outAt);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " refused to seal", e);
        }
    }

    /**
     * Verifies and decrypts {@code length} bytes, whose last are the tag.
     *
     * @return false when they are not authentic; then nothing of the text is in {@code out}
     */
    boolean open(byte[] nonce, byte[] aad, int aadLength, byte[] in, int inAt, int length, byte[] out, int outAt) {
        try {
            if (!isGcm(algorithm) && Arrays.equals(nonce, lastNonce)) {
                // SunJCE takes no nonce twice in a row, not even to open by, but a record may come twice in a batch.
                nonce[0] = (byte) ~nonce[0];
                init(Cipher.DECRYPT_MODE, nonce);
                nonce[0] = (byte) ~nonce[0];
            }
            init(Cipher.DECRYPT_MODE, nonce);
            cipher.updateAAD(aad, 0, aadLength);
            cipher.doFinal(in, inAt, length, out, outAt);
            return true;
        } catch (AEADBadTagException forged) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " refused to open", e);
        }
    }

    private void init(int mode, byte[] nonce) throws GeneralSecurityException {
        AlgorithmParameterSpec parameters =
                isGcm(algorithm) ? new GCMParameterSpec(AeadBatch.TAG_BYTES * 8, nonce) : new IvParameterSpec(nonce);
        cipher.init(mode, key, parameters);
        System.arraycopy(nonce, 0, lastNonce, 0, nonce.length);
    }

    boolean isDestroyed() {
        return key.isDestroyed();
    }

    /** The provider's own copies are left to the collector: it has no way to wipe them. */
    void destroy() {
        key.destroy();
    }

    @Override
    public String toString() {
        return "AeadCipher";
    }
}
