package net.vgate.record;

/** What was inside an authentic record that was opened by itself. */
public final class OpenedRecord {
    private final int contentType;
    private final byte[] content;

    OpenedRecord(int contentType, byte[] content) {
        this.contentType = contentType;
        this.content = content;
    }

    /** The real content type. */
    public int contentType() {
        return contentType;
    }

    /** The plaintext; the caller's own. */
    public byte[] content() {
        return content;
    }
}
