package planted.net.vgate.dataplane;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Planted: does everything that the data path must not. */
final class SlowPath {
    private static final Logger LOG = LoggerFactory.getLogger(SlowPath.class);
    private static final System.Logger OTHER_LOG = System.getLogger("planted");

    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore semaphore = new Semaphore(1);
    private final ArrayBlockingQueue<String> queue = new ArrayBlockingQueue<>(1);

    synchronized int locked() {
        return queue.size() + semaphore.availablePermits() + lock.getHoldCount();
    }

    void poll() throws InterruptedException {
        Thread.sleep(1);
        LOG.info(String.format("%d", IntStream.of(1, 2).sum()));
        OTHER_LOG.log(System.Logger.Level.INFO, "%d".formatted(locked()));
    }
}
