package net.vgate.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs to standard error: ours from INFO on, libraries from WARN on. Found by Logback through its service file; a
 * configuration file that is named to Logback goes before it.
 */
@ConfiguratorRank(LogConfigurator.AFTER_FILES)
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    static final int AFTER_FILES = ConfiguratorRank.FALLBACK + 1;

    /** Called by Logback. */
    public LogConfigurator() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        LogEncoder encoder = new LogEncoder(isJournal(System.getenv("JOURNAL_STREAM"), Path.of("/proc/self/fd/2")));
        encoder.setContext(context);
        encoder.start();

        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();

        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        context.getLogger("net.vgate").setLevel(Level.INFO);
        // In a namespace without hardware addresses Netty makes up an id of its own, which is of no use to us anyway.
        context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * Whether {@code stream} is the journal's. The variable, {@code device:inode}, is inherited by processes whose
     * standard error goes elsewhere, so systemd.exec(5) has both compared.
     */
    static boolean isJournal(@Nullable String variable, Path stream) {
        if (variable == null) {
            return false;
        }
        try {
            return variable.equals(
                    Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino"));
        } catch (IOException e) {
            return false;
        }
    }
}
