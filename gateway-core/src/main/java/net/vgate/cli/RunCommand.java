package net.vgate.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import net.vgate.Gateway;
import net.vgate.SelfTest;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.control.StartException;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.handshake.KeyLog;
import net.vgate.linux.FileFault;
import net.vgate.linux.ProcessSignal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vgate run}. */
@Command(
        name = "run",
        description = {
            "Run a gateway until SIGTERM or SIGINT. SIGHUP reloads the configuration file.",
            "Devices, routes and namespaces that it makes are gone when it ends; peers are told."
        },
        footer = {"", "Example: vgate run -c /etc/vgate/east.yaml"})
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration.")
    private Path file;

    @Option(
            names = "--key-log",
            paramLabel = "FILE",
            description = {
                "Write the secrets of every handshake to FILE, for Wireshark. Whoever reads it reads all traffic:",
                "for debugging only, shown in status and as a metric."
            })
    private @Nullable Path keyLogFile;

    @Override
    public Integer call() throws InterruptedException {
        SelfTest selfTest = SelfTest.begin();
        ConfigResult result = ConfigReader.read(file, CompiledPolicy::compile);
        result.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
        if (result.config().isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, file + " is refused; the gateway is not started");
        }
        try (KeyLogFile keyLog = keyLogFile == null ? null : KeyLogFile.open(keyLogFile)) {
            Gateway.Options options = new Gateway.Options(
                    Version.number(), Optional.ofNullable(keyLogFile), Optional.<KeyLog>ofNullable(keyLog));
            CompletableFuture<Gateway> started = new CompletableFuture<>();
            // Before the start, so that a signal in the middle of it leaves nothing behind either.
            ProcessSignal.on("TERM", () -> started.join().close());
            ProcessSignal.on("INT", () -> started.join().close());
            ProcessSignal.on("HUP", () -> started.join().reload());
            Gateway gateway = Gateway.start(result.config().get(), options, selfTest);
            started.complete(gateway);
            if (gateway.awaitEnd()) {
                return ExitCode.OK;
            }
            gateway.close();
            throw new CommandFailure(ExitCode.FAILURE, "a thread of the gateway died; see the log");
        } catch (StartException failed) {
            throw new CommandFailure(ExitCode.CANNOT_START, String.valueOf(failed.getMessage()), failed);
        } catch (IOException failed) {
            throw new CommandFailure(ExitCode.CANNOT_START, "key log: " + FileFault.line(failed), failed);
        }
    }
}
