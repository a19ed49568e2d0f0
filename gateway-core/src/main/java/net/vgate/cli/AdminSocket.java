package net.vgate.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.vgate.config.ConfigReader;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.http.UnixHttpClient;
import net.vgate.observe.Json;
import net.vgate.observe.Problem;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;

/** Which gateway a verb talks to: the options, and the talking. */
final class AdminSocket {
    /** Where gateways have their sockets unless their configurations say otherwise. */
    private static final Path FOLDER = Path.of("/run/vgate");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The running gateway's configuration, which names its socket.")
    private @Nullable Path file;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The running gateway's socket. Without either option, the only one in /run/vgate.")
    private @Nullable Path socket;

    /**
     * @param timeout for the whole answer
     * @throws CommandFailure when nobody answers, or somebody else does
     */
    Response ask(Method method, String path, Duration timeout) {
        return ask(method, path, "", timeout);
    }

    /**
     * @param body JSON; empty is none
     * @param timeout for the whole answer
     * @throws CommandFailure when nobody answers, or somebody else does
     */
    Response ask(Method method, String path, String body, Duration timeout) {
        Path chosen = choose();
        try {
            return new UnixHttpClient(chosen, timeout).send(method, path, body);
        } catch (ConnectException e) {
            throw new CommandFailure(ExitCode.NOT_RUNNING, whyNot(chosen), e);
        } catch (SocketTimeoutException e) {
            throw new CommandFailure(ExitCode.FAILURE, chosen + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILURE, chosen + ": " + e.getMessage(), e);
        }
    }

    /**
     * A report on what {@code path} names.
     *
     * @throws CommandFailure when there is none, or nobody answers
     */
    <T> T find(String path, Class<T> report) {
        Response answer = ask(Method.GET, path, PATIENCE);
        if (answer.status() == 404 && answer.contentType().equals("application/json")) {
            throw new CommandFailure(
                    ExitCode.USAGE, read(answer.bodyText(), Problem.class).problem());
        }
        if (answer.status() != 200) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        return read(answer.bodyText(), report);
    }

    /** {@code name} as one segment of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * What an answer says.
     *
     * @throws CommandFailure when it is not understood
     */
    static <T> T read(String body, Class<T> report) {
        try {
            return Json.read(body, report);
        } catch (JacksonException e) {
            throw new CommandFailure(
                    ExitCode.FAILURE, "the gateway's answer is not understood; is it another version? " + body, e);
        }
    }

    /** Whether the command line names a gateway. */
    boolean isChosen() {
        return file != null || socket != null;
    }

    private Path choose() {
        if (socket != null) {
            return socket;
        }
        if (file == null) {
            return only(socketsIn(FOLDER));
        }
        Path config = file;
        return ConfigReader.read(config, CompiledPolicy::compile)
                .config()
                .orElseThrow(
                        () -> new CommandFailure(
                                ExitCode.USAGE,
                                config
                                        + " is refused (vgate check says why), so it does not tell the socket; name it with --socket"))
                .control()
                .socket();
    }

    private static Path only(List<Path> sockets) {
        return switch (sockets.size()) {
            case 0 ->
                throw new CommandFailure(
                        ExitCode.NOT_RUNNING,
                        "no gateway has a socket in " + FOLDER + "; name one with --socket or -c");
            case 1 -> sockets.get(0);
            default ->
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "several gateways run here; name one with --socket: "
                                + String.join(
                                        ", ",
                                        sockets.stream().map(Path::toString).toList()));
        };
    }

    private static List<Path> socketsIn(Path folder) {
        List<Path> sockets = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.sock")) {
            files.forEach(sockets::add);
        } catch (AccessDeniedException e) {
            throw new CommandFailure(
                    ExitCode.NOT_RUNNING,
                    "not allowed to look into " + folder + "; only the user that gateways run as may",
                    e);
        } catch (IOException e) {
            return List.of();
        }
        sockets.sort(null);
        return sockets;
    }

    private static String whyNot(Path socket) {
        // Neither exists nor notExists is true where this user may not look.
        if (Files.notExists(socket)) {
            return "no gateway answers: there is no socket " + socket;
        }
        return Files.isWritable(socket)
                ? "no gateway answers at " + socket
                : "not allowed to ask the gateway at " + socket + "; only the user it runs as may";
    }
}
