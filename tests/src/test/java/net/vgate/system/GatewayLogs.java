package net.vgate.system;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Prints what the gateways of a test class logged, when one of its tests fails. */
final class GatewayLogs
        implements AfterTestExecutionCallback, AfterAllCallback, LifecycleMethodExecutionExceptionHandler {
    private static final int LINES = 60;
    private static final List<RunningGateway> STARTED = new CopyOnWriteArrayList<>();

    /** To be printed when the test that is running fails. */
    static void add(RunningGateway gateway) {
        STARTED.add(gateway);
    }

    /** It is gone, and its log with it. */
    static void remove(RunningGateway gateway) {
        STARTED.remove(gateway);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        context.getExecutionException().ifPresent(failure -> print(context, failure));
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        print(context, failure);
        throw failure;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        STARTED.clear();
    }

    private static void print(ExtensionContext context, Throwable failure) {
        if (failure instanceof TestAbortedException) {
            return;
        }
        StringBuilder text = new StringBuilder();
        for (RunningGateway gateway : STARTED) {
            String log = gateway.log();
            text.append("---- ").append(gateway).append(" at the failure of ").append(context.getDisplayName());
            text.append('\n');
            log.lines()
                    .skip(Math.max(0, log.lines().count() - LINES))
                    .forEach(line -> text.append(line).append('\n'));
        }
        System.err.print(text);
    }
}
