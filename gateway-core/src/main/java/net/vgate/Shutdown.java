package net.vgate;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be ended, in the opposite order of its making. One thing's failure leaves no other undone. */
final class Shutdown implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private final Deque<AutoCloseable> steps = new ArrayDeque<>();

    /** Ends {@code thing} in its turn. */
    synchronized <T extends AutoCloseable> T add(T thing) {
        steps.push(thing);
        return thing;
    }

    @Override
    public synchronized void close() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().close();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (Exception failed) {
                LOG.atWarn()
                        .addKeyValue("event", "stop_failed")
                        .setCause(failed)
                        .log("could not be ended cleanly");
            }
        }
    }
}
