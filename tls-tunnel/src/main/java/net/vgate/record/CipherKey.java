package net.vgate.record;

import java.util.Arrays;
import javax.crypto.SecretKey;

/** A key that can be wiped, which {@code SecretKeySpec} cannot. */
final class CipherKey implements SecretKey {
    private static final long serialVersionUID = 1;

    private final String algorithm;
    private final transient byte[] bytes;
    private transient volatile boolean destroyed;

    /** @param algorithm as the JDK calls it; {@code bytes} are copied */
    CipherKey(String algorithm, byte[] bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes.clone();
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    /** A copy, which the provider wipes. */
    @Override
    public byte[] getEncoded() {
        if (destroyed) {
            throw new IllegalStateException("the key is destroyed");
        }
        return bytes.clone();
    }

    @Override
    public void destroy() {
        destroyed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "CipherKey";
    }
}
