package planted.net.vgate.packet;

import java.net.DatagramSocket;
import java.net.SocketException;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import planted.net.vgate.record.SealedRecord;

/** Planted: a header that logs, knows tunnels, asks the time, starts a thread and opens a socket. */
public final class BusyHeader {
    private static final Logger LOG = LoggerFactory.getLogger(BusyHeader.class);

    private BusyHeader() {}

    static void parse(SealedRecord record) throws SocketException {
        Thread thread = new Thread(() -> LOG.info("parsed"));
        thread.start();
        try (DatagramSocket socket = new DatagramSocket()) {
            LOG.info("{} {} {} {}", record, System.nanoTime(), Clock.systemUTC().millis(), socket.getLocalPort());
        }
    }
}
