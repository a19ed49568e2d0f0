package net.vgate.record;

/** Seam: who computes AES-GCM. Any thread may make keys; a key belongs to one thread at a time. */
public interface Aead {
    /** The provider's name, as status shows it. */
    String name();

    /** The version of what computes, as it says itself. */
    String version();

    /** A key for one direction of one association. {@code key} is copied. */
    AeadKey newKey(AeadAlgorithm algorithm, byte[] key);
}
