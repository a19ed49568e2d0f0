package net.vgate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.DeviceHost;
import net.vgate.config.GatewayConfig;
import net.vgate.control.AeadSelection;
import net.vgate.control.Attachments;
import net.vgate.control.Command;
import net.vgate.control.Conductor;
import net.vgate.control.ControlQueues;
import net.vgate.control.Draining;
import net.vgate.control.Explaining;
import net.vgate.control.HandshakeOutcomes;
import net.vgate.control.HandshakePolicies;
import net.vgate.control.Housekeeping;
import net.vgate.control.Inbox;
import net.vgate.control.LiveInventory;
import net.vgate.control.Membership;
import net.vgate.control.NameLookups;
import net.vgate.control.Neighborhood;
import net.vgate.control.OffloadStatus;
import net.vgate.control.OwnSockets;
import net.vgate.control.Relays;
import net.vgate.control.Reloading;
import net.vgate.control.StartException;
import net.vgate.control.StatusSource;
import net.vgate.control.StreamCalls;
import net.vgate.control.TunnelEnvironment;
import net.vgate.control.TunnelSet;
import net.vgate.dataplane.Heartbeat;
import net.vgate.dataplane.PlanReference;
import net.vgate.dataplane.RelayExchange;
import net.vgate.dataplane.StreamExchange;
import net.vgate.dataplane.StreamingPort;
import net.vgate.dataplane.Worker;
import net.vgate.dataplane.WorkerThread;
import net.vgate.directory.Directory;
import net.vgate.directory.DirectoryException;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.CredentialsException;
import net.vgate.handshake.HandshakeEnvironment;
import net.vgate.handshake.HandshakeLimits;
import net.vgate.handshake.HandshakePolicy;
import net.vgate.handshake.Handshakes;
import net.vgate.handshake.KeyLog;
import net.vgate.http.HttpLimits;
import net.vgate.http.HttpServer;
import net.vgate.http.Routes;
import net.vgate.linux.FileFault;
import net.vgate.linux.LinuxDeviceHost;
import net.vgate.linux.Poller;
import net.vgate.linux.UdpPort;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.Health;
import net.vgate.observe.HealthCheck;
import net.vgate.observe.Inventory;
import net.vgate.observe.Metrics;
import net.vgate.observe.ObserveRoutes;
import net.vgate.observe.ReloadReport;
import net.vgate.observe.StatusReport;
import net.vgate.record.AeadUnavailableException;
import net.vgate.record.AssociationTable;
import net.vgate.record.Quiescence;
import net.vgate.record.SocketText;
import net.vgate.record.Steering;
import net.vgate.tunnel.DatagramPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway that runs: everything is made here, by hand, from top to bottom, and ended in the opposite order. */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    private static final Duration HEARTBEAT_LIMIT = Duration.ofSeconds(5);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

    /** Commands that may wait: control messages, which the other side repeats. */
    private static final int WAITING_COMMANDS = 4_096;

    /**
     * Workers when the configuration leaves their number to us: processors are needed for the members' kernel as well.
     */
    private static final int PROCESSORS_PER_WORKER = 2;

    private static final int MOST_WORKERS = 8;

    private final GatewayConfig config;
    private final Options options;
    private final Instant started = Instant.now();
    private final EventLog log = new EventLog(System::nanoTime);
    private final Shutdown shutdown;
    private final CountDownLatch ended = new CountDownLatch(1);

    private final Conductor conductor;
    private final Reloading reloading;
    private final Draining draining;
    private final Membership membership;
    private final Explaining explaining;
    private final Inventory inventory;
    private volatile boolean failed;

    /**
     * What the command line adds to the file.
     *
     * @param keyLogFile the file behind {@code keyLog}, as status shows it
     */
    public record Options(String version, Optional<Path> keyLogFile, Optional<KeyLog> keyLog) {}

    /**
     * Starts a gateway.
     *
     * @param selfTest waited for before the gateway listens: the first to come is not to wait for it
     * @throws StartException when something that it needs is not to be had; then nothing is left behind
     */
    public static Gateway start(GatewayConfig config, Options options, SelfTest selfTest) throws StartException {
        Shutdown shutdown = new Shutdown();
        try {
            return new Gateway(config, options, selfTest, shutdown);
        } catch (IOException failed) {
            shutdown.close();
            throw new StartException(FileFault.line(failed), failed);
        } catch (CredentialsException | AeadUnavailableException | DeviceException | DirectoryException failed) {
            shutdown.close();
            // The system's own words on a socket have its address as Java writes it.
            String line = String.valueOf(failed.getMessage());
            for (InetSocketAddress udp : config.listen().udp()) {
                line = line.replace(udp.toString(), SocketText.of(udp));
            }
            throw new StartException(line, failed);
        } catch (StartException | RuntimeException | Error failed) {
            shutdown.close();
            throw failed;
        }
    }

    private Gateway(GatewayConfig config, Options options, SelfTest selfTest, Shutdown shutdown)
            throws CredentialsException, AeadUnavailableException, IOException, StartException {
        this.config = config;
        this.options = options;
        this.shutdown = shutdown;
        options.keyLogFile().ifPresent(file -> log.report(new Event.KeyLogActive(file.toString())));
        SecureRandom random = new SecureRandom();
        HandshakePolicy policy = HandshakePolicies.of(config);

        Optional<Directory> directory = config.directory().map(Directory::open);
        directory.ifPresent(shutdown::add);
        directory
                .filter(open -> open.discardedBytes() > 0)
                .ifPresent(open -> log.report(new Event.DirectoryTailDiscarded(
                        config.directory().map(Path::toString).orElse(""), open.discardedBytes())));
        int workerCount = config.workers().orElseGet(Gateway::suitableWorkers);
        DeviceHost host = shutdown.add(LinuxDeviceHost.in(deviceFolder(config), config.offloads(), workerCount));
        AeadSelection aead = AeadSelection.of(config.crypto().aead());
        selfTest.await(aead.aead());
        List<UdpPort> ports = UdpPort.open(config.listen().udp(), config.offloads(), workerCount);
        ports.forEach(shutdown::add);
        OwnSockets sockets = new OwnSockets(config.listen().udp());

        AssociationTable associations = new AssociationTable(new Steering(workerCount));
        Quiescence quiescence = new Quiescence();
        Inbox<Command> inbox = new Inbox<>(WAITING_COMMANDS);
        StreamExchange exchange = StreamCalls.newExchange(associations.steering(), inbox);
        RelayExchange relayed = new RelayExchange(associations.steering());
        List<DatagramPort> outer = new ArrayList<>();
        for (UdpPort of : ports) {
            outer.add(new StreamingPort(of, exchange, relayed, outer.size()));
        }
        HandshakeOutcomes outcomes = new HandshakeOutcomes(inbox, log);
        HandshakeEnvironment environment = new HandshakeEnvironment(
                outer.get(0)::send,
                associations,
                aead.aead(),
                random,
                System::nanoTime,
                InstantSource.system(),
                options.keyLog().orElse(null));
        Handshakes handshakes = shutdown.add(new Handshakes(environment, limits(config), policy, outcomes));
        ControlQueues queues = new ControlQueues(inbox, handshakes);
        startThread("reception", queues, queues::stop);
        StreamCalls streams =
                shutdown.add(new StreamCalls(exchange, () -> handshakes.policy().credentials(), inbox));

        PlanReference plans = new PlanReference();
        List<Worker> workers = new ArrayList<>();
        List<WorkerThread> turning = new ArrayList<>();
        List<Heartbeat> beats = new ArrayList<>();
        for (UdpPort of : ports) {
            int number = workers.size();
            String name = "worker-" + number;
            Worker worker = new Worker(
                    number,
                    outer.get(number),
                    associations,
                    handshakes,
                    queues,
                    plans,
                    System::nanoTime,
                    quiescence.register(),
                    config.offloads().merge());
            Heartbeat beat = new Heartbeat(name, System.nanoTime());
            WorkerThread thread = new WorkerThread(worker, shutdown.add(Poller.open()), of, beat, System::nanoTime);
            worker.relayBy(relayed);
            exchange.wakeBy(number, thread::wake);
            relayed.wakeBy(number, thread::wake);
            startThread(name, thread, thread::stop);
            workers.add(worker);
            turning.add(thread);
            beats.add(beat);
        }

        NameLookups names = shutdown.add(new NameLookups(inbox, System::nanoTime));
        TunnelSet tunnels = new TunnelSet(
                new TunnelEnvironment(
                        handshakes,
                        quiescence,
                        outer.get(0),
                        streams,
                        new Relays(relayed, config, log, workerCount),
                        names,
                        System::nanoTime,
                        () -> plans.current().forwarding(),
                        log,
                        sockets,
                        workerCount),
                random);
        Attachments attachments = new Attachments(
                host,
                plans,
                vnet -> directory.orElseThrow().members(vnet),
                workers,
                () -> turning.forEach(WorkerThread::wake),
                System::nanoTime,
                log);
        Heartbeat conductorBeat = new Heartbeat("conductor", System.nanoTime());
        conductor = new Conductor(
                inbox,
                config,
                tunnels,
                attachments,
                handshakes,
                quiescence,
                Housekeeping.of(log, handshakes, tunnels, InstantSource.system()),
                conductorBeat,
                System::nanoTime);
        if (config.listen().tcp().isPresent()) {
            streams.listen(config.listen().tcp().get());
        }
        conductor.open();
        startThread("conductor", conductor, conductor::stop);

        StatusSource source = new StatusSource(
                self(policy.credentials(), aead, sockets),
                new OffloadStatus(config.offloads(), ports),
                workers,
                queues,
                outcomes::refused,
                () -> ports.stream().mapToLong(UdpPort::kernelDrops).sum()
                        + host.kernelDrops()
                        + exchange.dropped()
                        + relayed.dropped(),
                exchange::displaced,
                handshakes,
                streams,
                sockets,
                System::nanoTime);
        reloading = new Reloading(config.file(), conductor, log);
        draining = new Draining(conductor, workers, log);
        membership = new Membership(directory, conductor, log);
        explaining = new Explaining(conductor, source, plans, workerCount);
        inventory = new LiveInventory(conductor, source, directory);
        beats.add(conductorBeat);
        Health health = new Health(
                beats.stream()
                        .map(beat -> HealthCheck.of(beat, HEARTBEAT_LIMIT, System::nanoTime))
                        .toList(),
                List.of(
                        new HealthCheck("devices", attachments::problem),
                        new HealthCheck("directory", membership::problem),
                        new HealthCheck("drain", draining::problem)));
        serve(health, source);
        log.report(new Event.GatewayStarted(
                config.site(),
                config.gateway(),
                options.version(),
                config.file().toString(),
                sockets.text()));
    }

    private static HandshakeLimits limits(GatewayConfig config) {
        GatewayConfig.HandshakeRates rates = config.tunnel().handshakes();
        return HandshakeLimits.DEFAULT.withRates(
                rates.hellosPerSecond(), rates.hellosPerSource(), rates.strangersPerSecond());
    }

    private static int suitableWorkers() {
        int processors = Runtime.getRuntime().availableProcessors();
        return Math.max(1, Math.min(processors / PROCESSORS_PER_WORKER, MOST_WORKERS));
    }

    /** Beside the admin socket, since that is on a file system which a reboot empties, and no two gateways share it. */
    private static Path deviceFolder(GatewayConfig config) {
        return config.control().socket().resolveSibling(config.site() + "-" + config.gateway() + ".devices");
    }

    private StatusReport.Gateway self(Credentials credentials, AeadSelection aead, OwnSockets sockets) {
        return new StatusReport.Gateway(
                config.site(),
                config.gateway(),
                options.version(),
                started,
                0,
                sockets.text(),
                credentials.expires(),
                aead.status(),
                options.keyLogFile().map(Path::toString).orElse(null),
                false,
                0,
                new StatusReport.HandshakeDatagrams(0, 0),
                List.of(),
                null,
                List.of());
    }

    private void serve(Health health, StatusSource source) throws IOException {
        Supplier<StatusReport> status = () -> status(source);
        Metrics metrics = shutdown.add(new Metrics(status, Metrics.DEFAULT_VNET_LIMIT));
        shutdown.add(HttpServer.onUnixSocket(
                "admin", config.control().socket(), adminRoutes(metrics, health, status), HttpLimits.ADMIN));
        Optional<InetSocketAddress> watched = config.observe().http();
        if (watched.isPresent()) {
            shutdown.add(HttpServer.onTcp(
                    "observe", watched.get(), ObserveRoutes.forWatching(metrics, health, status), HttpLimits.DEFAULT));
        }
    }

    private Routes adminRoutes(Metrics metrics, Health health, Supplier<StatusReport> status) {
        Routes routes = ObserveRoutes.forRunning(metrics, health, status, reloading::plan, reloading::reload);
        routes = ObserveRoutes.withDrain(routes, draining::report, draining::drain);
        routes = ObserveRoutes.withMembers(routes, membership::report, membership::change);
        routes = ObserveRoutes.withNeighbors(routes, Neighborhood.of(conductor)::report);
        routes = ObserveRoutes.withExplanation(routes, explaining::explain);
        routes = ObserveRoutes.withInventory(routes, inventory);
        return ObserveRoutes.withDescription(routes, options.version());
    }

    private StatusReport status(StatusSource source) {
        return conductor.ask(() -> source.report(conductor, Instant.now()));
    }

    /** Starts a thread that ends with the gateway: {@code stop} lets it, and it is waited for. */
    private void startThread(String name, Runnable body, Runnable stop) {
        Thread thread = new Thread(body, name);
        thread.setUncaughtExceptionHandler((broken, cause) -> {
            LOG.atError().addKeyValue("event", "thread_died").setCause(cause).log("thread {} died", broken.getName());
            failed = true;
            ended.countDown();
        });
        thread.start();
        shutdown.add(() -> {
            stop.run();
            thread.join(STOP_LIMIT.toMillis());
        });
    }

    /** Goes by the configuration file as it is now. What is wrong with it is in the report. */
    public ReloadReport reload() {
        return reloading.reload();
    }

    /** Waits until {@link #close} is called or a thread died. True when it ended as it should. */
    public boolean awaitEnd() throws InterruptedException {
        ended.await();
        return !failed;
    }

    /** Tells the peers, ends everything and undoes devices, routes and namespaces. */
    @Override
    public void close() {
        log.report(new Event.GatewayStopping(failed ? "a thread died" : "told to"));
        shutdown.close();
        log.reportAllSuppressed();
        log.report(new Event.GatewayStopped((Instant.now().toEpochMilli() - started.toEpochMilli()) / 1_000.0));
        ended.countDown();
    }
}
