package net.vgate.record;

import java.nio.ByteBuffer;

/**
 * What the key block gives to the nonces of one direction. A record's nonce is four bytes of it, and eight of it XOR a
 * number: with AES-GCM these are zeroes, and the number is the explicit nonce (RFC 5288 section 3); with
 * ChaCha20-Poly1305 it is epoch and sequence number (RFC 7905 section 2).
 */
final class FixedIv {
    private final int head;
    private final long mask;

    private FixedIv(int head, long mask) {
        this.head = head;
        this.mask = mask;
    }

    /** The {@code bytes} bytes at {@code at}. */
    static FixedIv of(ByteBuffer keyBlock, int at, int bytes) {
        return new FixedIv(
                keyBlock.getInt(at), bytes == AeadBatch.NONCE_BYTES ? keyBlock.getLong(at + Integer.BYTES) : 0);
    }

    /** Writes the nonce of {@code number} at {@code at}. */
    void writeNonce(ByteBuffer buffer, int at, long number) {
        buffer.putInt(at, head);
        buffer.putLong(at + Integer.BYTES, mask ^ number);
    }

    @Override
    public String toString() {
        return "FixedIv";
    }
}
