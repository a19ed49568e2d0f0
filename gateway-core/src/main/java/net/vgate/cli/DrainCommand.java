package net.vgate.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.DrainReport;
import net.vgate.observe.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vgate drain}. */
@Command(
        name = "drain",
        description = {
            "Have a running gateway send its flows to the other gateways of its site, as before maintenance.",
            "Peers are told to send elsewhere, and /readyz says no, by which the site's own routing may go. What comes"
                    + " all the same is still carried. Waits until nothing comes any more."
        },
        footer = {"", "Example: vgate drain -c /etc/vgate/west.yaml && systemctl restart vgate"})
final class DrainCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 500;

    /** Nothing has come for that long: the flows are away. */
    private static final Duration QUIET = Duration.ofSeconds(2);

    @Spec
    private CommandSpec spec;

    @Mixin
    private AdminSocket gateway;

    @Option(names = "--undo", description = "Take flows again.")
    private boolean undo;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long to wait for the flows to be away; 0 does not (default: 30).")
    private int waitSeconds;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        ask(Method.POST, undo ? "/drain/undo" : "/drain");
        boolean isWaiting = !undo && waitSeconds > 0;
        boolean isQuiet = !isWaiting || awaitQuiet();
        DrainReport report = ask(Method.GET, "/drain");
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(Json.write(report));
        } else if (undo) {
            out.println("takes flows again");
        } else {
            print(report);
        }
        if (isQuiet) {
            if (isWaiting && !json) {
                out.println("nothing comes any more");
            }
            return ExitCode.OK;
        }
        spec.commandLine()
                .getErr()
                .println("vgate: packets still come after " + waitSeconds
                        + " s; is there another gateway of this site, and do the peers list it?");
        return ExitCode.FAILURE;
    }

    private void print(DrainReport report) {
        TextTable table = new TextTable("PEER", "TOLD");
        for (DrainReport.Peer peer : report.peers()) {
            table.row(peer.peer() + "/" + peer.gateway(), told(peer));
        }
        spec.commandLine().getOut().print(table);
    }

    private static String told(DrainReport.Peer peer) {
        Boolean told = peer.told();
        if (told == null) {
            return "no: there is no tunnel, or its version does not understand";
        }
        return told ? "yes" : "not yet";
    }

    /** Whether nothing came for a while before time was up. */
    private boolean awaitQuiet() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        long before = ask(Method.GET, "/drain").packetsIn();
        long quietSince = System.nanoTime();
        while (System.nanoTime() - deadline < 0) {
            Thread.sleep(LOOK_MILLIS);
            long now = System.nanoTime();
            long packets = ask(Method.GET, "/drain").packetsIn();
            if (packets != before) {
                err.println("packets in, a second: " + (packets - before) * 1_000 / LOOK_MILLIS);
                before = packets;
                quietSince = now;
            } else if (now - quietSince >= QUIET.toNanos()) {
                return true;
            }
        }
        return false;
    }

    private DrainReport ask(Method method, String path) {
        Response answer = gateway.ask(method, path, TIMEOUT);
        if (answer.status() != 200) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        return AdminSocket.read(answer.bodyText(), DrainReport.class);
    }
}
