package net.vgate;

import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import net.vgate.control.StartException;
import net.vgate.dataplane.DataPathSelfTest;
import net.vgate.handshake.HandshakeSelfTest;
import net.vgate.handshake.SelfTestException;
import net.vgate.record.Aead;
import net.vgate.record.JceAead;
import org.jspecify.annotations.Nullable;

/**
 * The self-tests, on a thread of their own. That of handshakes needs nothing of the configuration, so it begins first
 * and runs beside everything that a start does before the gateway listens; that of the data path wants to know who
 * computes.
 */
public final class SelfTest {
    private final CompletableFuture<Aead> chosen = new CompletableFuture<>();
    private final FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
        HandshakeSelfTest.run(new JceAead(), new SecureRandom());
        DataPathSelfTest.run(chosen.get());
        return null;
    });

    private SelfTest() {}

    /** Begins. */
    public static SelfTest begin() {
        SelfTest test = new SelfTest();
        Thread thread = new Thread(test.task, "self-test");
        thread.setDaemon(true);
        thread.start();
        return test;
    }

    /**
     * Has the data path tried as well, and waits for the end.
     *
     * @param aead who computes for the gateway
     * @throws StartException when this process cannot do what a gateway needs
     */
    void await(Aead aead) throws StartException {
        chosen.complete(aead);
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
