package net.vgate.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;
import net.vgate.config.ConfigReader;
import net.vgate.dataplane.DataPathSelfTest;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.handshake.HandshakeSelfTest;
import net.vgate.handshake.SelfTestException;
import net.vgate.http.HttpLimits;
import net.vgate.http.HttpServer;
import net.vgate.http.Method;
import net.vgate.http.Routes;
import net.vgate.http.UnixHttpClient;
import net.vgate.observe.Health;
import net.vgate.observe.Metrics;
import net.vgate.observe.ObserveRoutes;
import net.vgate.observe.PlanReport;
import net.vgate.observe.ReloadReport;
import net.vgate.observe.StatusReport;
import net.vgate.packet.PacketBatch;
import net.vgate.pki.SelfSigned;
import net.vgate.record.JceAead;
import net.vgate.stream.ServerCertificate;
import net.vgate.stream.StreamRehearsal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code vgate rehearse}: loads what a start loads, for Java to keep it (application class data sharing). The launcher
 * gives the options for that; a later start, which finds the classes as they lie in memory, takes half the time.
 */
@Command(
        name = "rehearse",
        hidden = true,
        description = {
            "Go through what a start goes through, and end. The launcher has Java keep the loaded classes, so that later",
            "starts take half the time; done by the build and the package, to be done again after another Java is there."
        },
        footer = {"", "Example: vgate rehearse"})
final class RehearseCommand implements Callable<Integer> {
    private static final Duration ANSWER = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException, ReflectiveOperationException {
        readConfiguration();
        try {
            HandshakeSelfTest.run(new JceAead(), new SecureRandom());
            DataPathSelfTest.run(new JceAead());
        } catch (SelfTestException failed) {
            throw new CommandFailure(ExitCode.FAILURE, String.valueOf(failed.getMessage()), failed);
        }
        serve();
        loadOwnClasses();
        rehearseStreams();
        return ExitCode.OK;
    }

    private static void readConfiguration() throws IOException {
        try (InputStream sample =
                Objects.requireNonNull(ConfigReader.class.getResourceAsStream("every-key.yaml"), "every-key.yaml")) {
            ConfigReader.parse(Path.of("every-key.yaml"), sample.readAllBytes(), CompiledPolicy::compile);
        }
    }

    /** Last, since it needs a loopback device, which not every place has where packages are unpacked. */
    private void rehearseStreams() throws InterruptedException {
        SelfSigned shown = SelfSigned.of("vgate://self/test", Instant.now());
        try {
            StreamRehearsal.run(new ServerCertificate(shown.key(), List.of(shown.certificate())));
        } catch (IOException failed) {
            spec.commandLine()
                    .getErr()
                    .println("vgate: the first tunnel over TCP will take longer: " + failed.getMessage());
        }
    }

    private static void serve() throws IOException {
        Path folder = Files.createTempDirectory("vgate-rehearsal");
        Path socket = folder.resolve("admin.sock");
        try (Metrics metrics = new Metrics(RehearseCommand::status, Metrics.DEFAULT_VNET_LIMIT)) {
            HttpServer server = HttpServer.onUnixSocket("admin", socket, routes(metrics), HttpLimits.DEFAULT);
            try {
                for (String path : List.of("/metrics", "/healthz", "/status")) {
                    new UnixHttpClient(socket, ANSWER).send(Method.GET, path);
                }
            } finally {
                server.close();
            }
        } finally {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static Routes routes(Metrics metrics) {
        return ObserveRoutes.forRunning(
                metrics,
                new Health(List.of(), List.of()),
                RehearseCommand::status,
                () -> new PlanReport(List.of(), List.of()),
                () -> new ReloadReport(false, 0, List.of(), List.of()));
    }

    private static StatusReport status() {
        Instant now = Instant.now();
        return new StatusReport(
                new StatusReport.Gateway(
                        "site",
                        "gateway",
                        Version.number(),
                        now,
                        0,
                        "192.0.2.1:4433",
                        now,
                        new StatusReport.Aead("none", "0", null),
                        null,
                        false,
                        0,
                        new StatusReport.HandshakeDatagrams(0, 0),
                        List.of(),
                        null,
                        List.of()),
                new StatusReport.Configuration("rehearsal.yaml", 1, now, null),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /** What is behind devices and sockets is not gone through here, and loads other libraries' classes as it links. */
    private static void loadOwnClasses() throws IOException, ReflectiveOperationException {
        Set<Path> jars = new LinkedHashSet<>();
        for (Class<?> ours : List.of(RehearseCommand.class, HandshakeSelfTest.class, PacketBatch.class)) {
            try {
                jars.add(Path.of(
                        ours.getProtectionDomain().getCodeSource().getLocation().toURI()));
            } catch (URISyntaxException impossible) {
                throw new IllegalStateException("a class path that is none", impossible);
            }
        }
        for (Path jar : jars) {
            if (Files.isRegularFile(jar)) {
                load(jar);
            }
        }
    }

    private static void load(Path jar) throws IOException, ReflectiveOperationException {
        try (JarFile file = new JarFile(jar.toFile())) {
            List<String> classes = file.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith("net/vgate/") && name.endsWith(".class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> !name.endsWith("package-info"))
                    .toList();
            for (String name : classes) {
                Class.forName(name);
            }
        }
    }
}
