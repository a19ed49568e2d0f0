package net.vgate.record;

import java.nio.ByteBuffer;

/**
 * The records of one AEAD call: where each text lies in the slab of a packet batch, and its nonce and associated data
 * in native memory of its own, at fixed strides, so that a native provider can be handed addresses and one of the JDK
 * can copy. The tag is the {@link #TAG_BYTES} bytes after the text.
 *
 * <p><b>Ownership.</b> One per worker, used by that worker's thread only. Everything is allocated once.
 */
public final class AeadBatch {
    /** Length of a nonce, RFC 5288 section 3 and RFC 7905 section 2. */
    public static final int NONCE_BYTES = 12;

    /** Length of a tag, RFC 5288 section 3 and RFC 7905 section 2. */
    public static final int TAG_BYTES = 16;

    /** The longest associated data: RFC 9146 section 5.3 with a connection ID of 32 bytes. */
    public static final int MAX_AAD_BYTES = 23 + RecordFormat.MAX_CID_BYTES;

    private static final int AAD_OFFSET = 16;
    private static final int STRIDE = (AAD_OFFSET + MAX_AAD_BYTES + 15) & ~15;

    private final int[] slot;
    private final int[] textOffset;
    private final int[] textLength;
    private final int[] aadLength;
    private final boolean[] failed;
    private final ByteBuffer parameters;
    private final byte[] heapNonce = new byte[NONCE_BYTES];
    private final byte[] heapAad = new byte[MAX_AAD_BYTES];
    private final byte[] heapIn = new byte[RecordFormat.MAX_TEXT_BYTES + TAG_BYTES];
    private final byte[] heapOut = new byte[RecordFormat.MAX_TEXT_BYTES + TAG_BYTES];

    private ByteBuffer slab;
    private int count;

    AeadBatch(int capacity) {
        this.slot = new int[capacity];
        this.textOffset = new int[capacity];
        this.textLength = new int[capacity];
        this.aadLength = new int[capacity];
        this.failed = new boolean[capacity];
        this.parameters = ByteBuffer.allocateDirect(capacity * STRIDE);
        this.slab = parameters;
    }

    int capacity() {
        return slot.length;
    }

    /** Empties the batch, for texts in {@code memory}. */
    void begin(ByteBuffer memory) {
        slab = memory;
        count = 0;
    }

    /** Takes the next record, whose text is {@code length} bytes at {@code offset}. Returns its index. */
    int add(int packetSlot, int offset, int length) {
        int record = count;
        slot[record] = packetSlot;
        textOffset[record] = offset;
        textLength[record] = length;
        failed[record] = false;
        count = record + 1;
        return record;
    }

    void setAadLength(int record, int bytes) {
        aadLength[record] = bytes;
    }

    int slot(int record) {
        return slot[record];
    }

    /** How many records there are. */
    public int count() {
        return count;
    }

    /** The memory that the texts are in. */
    public ByteBuffer slab() {
        return slab;
    }

    /** Where in {@link #slab()} the record's text begins. */
    public int textOffset(int record) {
        return textOffset[record];
    }

    /** Length of the record's text without its tag, in bytes. */
    public int textLength(int record) {
        return textLength[record];
    }

    /** The memory that nonces and associated data are in. */
    public ByteBuffer parameters() {
        return parameters;
    }

    /** Where in {@link #parameters()} the record's nonce is. */
    public int nonceOffset(int record) {
        return record * STRIDE;
    }

    /** Where in {@link #parameters()} the record's associated data is. */
    public int aadOffset(int record) {
        return record * STRIDE + AAD_OFFSET;
    }

    /** Length of the record's associated data, in bytes. */
    public int aadLength(int record) {
        return aadLength[record];
    }

    /** Marks a record as not authentic. */
    public void fail(int record) {
        failed[record] = true;
    }

    /** Whether the record was found not to be authentic. */
    public boolean isFailed(int record) {
        return failed[record];
    }

    /** The record's nonce in a heap array, which the next call overwrites. */
    byte[] copyNonce(int record) {
        parameters.get(nonceOffset(record), heapNonce);
        return heapNonce;
    }

    /** The record's associated data, {@link #aadLength} bytes of a heap array, which the next call overwrites. */
    byte[] copyAad(int record) {
        parameters.get(aadOffset(record), heapAad, 0, aadLength[record]);
        return heapAad;
    }

    /** Heap scratch for providers that are faster on arrays; one for input, one for output. */
    byte[] heapIn() {
        return heapIn;
    }

    byte[] heapOut() {
        return heapOut;
    }
}
