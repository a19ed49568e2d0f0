package net.vgate;

import java.security.SecureRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import net.vgate.control.StartException;
import net.vgate.handshake.HandshakeSelfTest;
import net.vgate.handshake.SelfTestException;
import net.vgate.record.JceAead;
import org.jspecify.annotations.Nullable;

/**
 * The self-test of handshakes on a thread of its own. It needs nothing of the configuration, so it begins first and
 * runs beside everything that a start does before the gateway listens.
 */
public final class SelfTest {
    private final FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
        HandshakeSelfTest.run(new JceAead(), new SecureRandom());
        return null;
    });

    private SelfTest() {}

    /** Begins it. */
    public static SelfTest begin() {
        SelfTest test = new SelfTest();
        Thread thread = new Thread(test.task, "self-test");
        thread.setDaemon(true);
        thread.start();
        return test;
    }

    /**
     * Waits for its end.
     *
     * @throws StartException when this Java cannot do what a gateway needs
     */
    void await() throws StartException {
        try {
            task.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof SelfTestException why) {
                throw new StartException(String.valueOf(why.getMessage()), why);
            }
            throw new IllegalStateException("the self-test broke", failed.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("told to stop in the middle of the start", stopped);
        }
    }
}
