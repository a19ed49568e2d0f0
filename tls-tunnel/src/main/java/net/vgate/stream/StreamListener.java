package net.vgate.stream;

import java.nio.ByteBuffer;

/**
 * Hears of streams and of what comes by them.
 *
 * <p><b>Threading.</b> Called by the event loop, so it must not wait: all streams would.
 */
public interface StreamListener {
    /** A stream is established and may be sent on. */
    void opened(StreamPath path);

    /**
     * A datagram has come.
     *
     * @param datagram borrowed for the call
     */
    void received(StreamPath path, ByteBuffer datagram);

    /** A stream that was opened has ended, for a reason in words. */
    void closed(StreamPath path, String reason);
}
