package net.vgate.record;

import java.nio.ByteBuffer;

/**
 * The ciphers of the JDK (SunJCE), which are always there. AES-GCM is faster on arrays than on direct buffers, also
 * with the copies there and back, so texts go through the batch's heap scratch. It allocates some 1 KiB for each
 * record, in the provider and in the parameters that it wants anew; nothing of that is ours to save.
 */
public final class JceAead implements Aead {
    @Override
    public String name() {
        return "sunjce";
    }

    @Override
    public String version() {
        return AeadCipher.newCipher(AeadAlgorithm.AES_128_GCM).getProvider().getVersionStr();
    }

    @Override
    public boolean supports(AeadAlgorithm algorithm) {
        return true;
    }

    @Override
    public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
        return new Key(new AeadCipher(algorithm, key));
    }

    private static final class Key implements AeadKey {
        private final AeadCipher cipher;

        Key(AeadCipher cipher) {
            this.cipher = cipher;
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
                cipher.seal(
                        batch.copyNonce(record), batch.copyAad(record), batch.aadLength(record), in, 0, length, out, 0);
                slab.put(at, out, 0, length + AeadBatch.TAG_BYTES);
            }
        }

        @Override
        public void open(AeadBatch batch) {
            ByteBuffer slab = batch.slab();
            byte[] in = batch.heapIn();
            byte[] out = batch.heapOut();
            for (int record = 0; record < batch.count(); record++) {
                int at = batch.textOffset(record);
                int length = batch.textLength(record);
                int sealed = length + AeadBatch.TAG_BYTES;
                slab.get(at, in, 0, sealed);
                boolean authentic = cipher.open(
                        batch.copyNonce(record), batch.copyAad(record), batch.aadLength(record), in, 0, sealed, out, 0);
                if (authentic) {
                    slab.put(at, out, 0, length);
                } else {
                    batch.fail(record);
                }
            }
        }

        @Override
        public void destroy() {
            cipher.destroy();
        }

        @Override
        public String toString() {
            return "JceAead.Key";
        }
    }
}
