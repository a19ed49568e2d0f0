package net.vgate.record;

/** Seam: who protects records. Any thread may make keys; a key belongs to one thread at a time. */
public interface Aead {
    /** The provider's name, as status shows it. */
    String name();

    /** The version of what computes, as it says itself. */
    String version();

    /** Whether it can make keys for {@code algorithm}; where it cannot, {@link JceAead} can. */
    boolean supports(AeadAlgorithm algorithm);

    /** A key for one direction of one association. The algorithm is one that it supports; {@code key} is copied. */
    AeadKey newKey(AeadAlgorithm algorithm, byte[] key);
}
