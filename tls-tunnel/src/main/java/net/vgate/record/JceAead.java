package net.vgate.record;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-GCM of the JDK (SunJCE), which is always there. It is faster on arrays than on direct buffers, also with the
 * copies there and back, so texts go through the batch's heap scratch. It allocates some 1 KiB for each record, in the
 * provider and in the parameters that it wants anew; nothing of that is ours to save.
 */
public final class JceAead implements Aead {
    static final String TRANSFORMATION = "AES/GCM/NoPadding";

    @Override
    public String name() {
        return "sunjce";
    }

    @Override
    public String version() {
        return newCipher().getProvider().getVersionStr();
    }

    @Override
    public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
        if (key.length != algorithm.keyBytes()) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes for " + algorithm);
        }
        return new Key(new AesKey(key));
    }

    static Cipher newCipher() {
        try {
            return Cipher.getInstance(TRANSFORMATION);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES-GCM", e);
        }
    }

    static GCMParameterSpec parameters(byte[] nonce) {
        return new GCMParameterSpec(AeadBatch.TAG_BYTES * 8, nonce);
    }

    private static final class Key implements AeadKey {
        private final AesKey key;
        private final Cipher cipher = newCipher();

        Key(AesKey key) {
            this.key = key;
        }

        @Override
        public void seal(AeadBatch batch) {
            ByteBuffer slab = batch.slab();
            byte[] in = batch.heapIn();
            byte[] out = batch.heapOut();
            for (int record = 0; record < batch.count(); record++) {
                int at = batch.textOffset(record);
                int length = batch.textLength(record);
                slab.get(at, in, 0, length);
                try {
                    cipher.init(Cipher.ENCRYPT_MODE, key, parameters(batch.copyNonce(record)));
                    cipher.updateAAD(batch.copyAad(record), 0, batch.aadLength(record));
                    slab.put(at, out, 0, cipher.doFinal(in, 0, length, out, 0));
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("AES-GCM refused to seal", e);
                }
            }
        }

        @Override
        public void open(AeadBatch batch) {
            ByteBuffer slab = batch.slab();
            byte[] in = batch.heapIn();
            byte[] out = batch.heapOut();
            for (int record = 0; record < batch.count(); record++) {
                int at = batch.textOffset(record);
                int length = batch.textLength(record) + AeadBatch.TAG_BYTES;
                slab.get(at, in, 0, length);
                try {
                    cipher.init(Cipher.DECRYPT_MODE, key, parameters(batch.copyNonce(record)));
                    cipher.updateAAD(batch.copyAad(record), 0, batch.aadLength(record));
                    slab.put(at, out, 0, cipher.doFinal(in, 0, length, out, 0));
                } catch (AEADBadTagException forged) {
                    batch.fail(record);
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("AES-GCM refused to open", e);
                }
            }
        }

        /** The provider's own copies are left to the collector: it has no way to wipe them. */
        @Override
        public void destroy() {
            key.destroy();
        }

        @Override
        public String toString() {
            return "JceAead.Key";
        }
    }
}
