package net.vgate.record;

/** Seam: where authentic records that are no application data go: alerts and repeated handshake messages. */
public interface NonDataRecords {
    /**
     * Takes the content of such a record. Called by a worker: it must not block.
     *
     * @param content the caller keeps no reference to it
     * @return false when there is no room
     */
    boolean offer(Association association, int contentType, byte[] content);
}
