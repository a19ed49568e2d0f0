package net.vgate.record;

/**
 * The key of one direction of one association, with whatever its provider prepared for it. Works on batches, so that a
 * provider can make one call of many records.
 *
 * <p><b>Threading.</b> One thread at a time. {@link #destroy} may only be called when no other call can be under way,
 * see {@link Quiescence}.
 */
public interface AeadKey {
    /** Encrypts the text of every record in place and puts its tag behind it. */
    void seal(AeadBatch batch);

    /**
     * Verifies every record and decrypts its text in place; one whose tag is wrong is marked with
     * {@link AeadBatch#fail}, and its text must not be read any more.
     */
    void open(AeadBatch batch);

    /** Makes the key unusable and wipes what can be wiped. */
    void destroy();
}
