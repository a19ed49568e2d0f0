package net.vgate.record;

/**
 * The connection IDs of an association, RFC 9146. Ours names the association in this process, whether or not the peer
 * writes it into its records.
 */
public final class ConnectionIds {
    private static final byte[] NONE = {};

    private final long local;
    private final boolean received;
    private final byte[] remote;

    ConnectionIds(long local, boolean received, byte[] remote) {
        if (remote.length > RecordFormat.MAX_CID_BYTES) {
            throw new IllegalArgumentException("a connection ID of " + remote.length + " bytes");
        }
        this.local = local;
        this.received = received;
        this.remote = remote.clone();
    }

    /** Both ends negotiated the extension; {@code remote} is empty if the peer wants none in what it receives. */
    public static ConnectionIds negotiated(long local, byte[] remote) {
        return new ConnectionIds(local, true, remote);
    }

    /** The peer does not know the extension; {@code local} is a name only. */
    public static ConnectionIds without(long local) {
        return new ConnectionIds(local, false, NONE);
    }

    /** Our connection ID. */
    public long local() {
        return local;
    }

    /** Whether records that we receive carry {@link #local}. */
    public boolean received() {
        return received;
    }

    /** What we write; empty for records without. Not to be changed. */
    byte[] remote() {
        return remote;
    }

    /** Length of the connection ID in records that we write, in bytes. */
    public int remoteBytes() {
        return remote.length;
    }

    /** Length of the connection ID in records that we receive, in bytes. */
    int receivedBytes() {
        return received ? RecordFormat.LOCAL_CID_BYTES : 0;
    }

    @Override
    public String toString() {
        return Long.toHexString(local);
    }
}
