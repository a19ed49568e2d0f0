package net.vgate.system;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestNetns;

/** What ping(8) counted. */
record Ping(int sent, int received, String output) {
    private static final Pattern COUNTS = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");
    private static final Pattern TIME = Pattern.compile("packet loss, time (\\d+)ms");

    /** Sends {@code count} pings, 10 ms apart, and gives the last one {@code patience} to come back. */
    static Ping send(TestNetns from, String address, int count, Duration patience) {
        return send(from, address, count, patience, "-i", "0.01");
    }

    /** Sends one ping that has to come back. */
    static boolean comesBack(TestNetns from, String address) {
        return send(from, address, 1, Duration.ofSeconds(2)).received() == 1;
    }

    /** Sends one ping and gives it little time: for conditions that are tried again and again. */
    static boolean comesBackSoon(TestNetns from, String address) {
        return from.attempt("ping", "-n", "-c", "1", "-W", "0.1", address).isSuccess();
    }

    /** Sends {@code count} pings with options of ping's own. */
    static Ping send(TestNetns from, String address, int count, Duration patience, String... options) {
        List<String> command = new ArrayList<>(
                List.of("ping", "-n", "-c", Integer.toString(count), "-W", Double.toString(patience.toMillis() / 1e3)));
        command.addAll(List.of(options));
        command.add(address);
        return of(from.attempt(command.toArray(String[]::new)).output());
    }

    /**
     * Pings on and on, {@code perSecond} times a second whatever else the machine has to do, until {@link #end} is
     * called.
     */
    static BackgroundProcess begin(TestNetns from, String address, int perSecond, String... options) {
        List<String> command = new ArrayList<>(List.of("ping", "-n", "-q", "-i", Double.toString(1.0 / perSecond)));
        command.addAll(List.of(options));
        command.add(address);
        return from.start(Command.favoured(command));
    }

    /** Ends what {@link #begin} began. */
    static Ping end(BackgroundProcess ping) {
        ping.signal("INT");
        ping.awaitEnd(Command.DEADLINE);
        return of(ping.output());
    }

    /** Waits for the end of what {@link #begin} began with a count of its own, so that the last one may come back. */
    static Ping complete(BackgroundProcess ping) {
        ping.awaitEnd(Command.DEADLINE);
        return of(ping.output());
    }

    private static Ping of(String output) {
        Matcher counts = COUNTS.matcher(output);
        if (!counts.find()) {
            throw new AssertionError("ping has counted nothing:\n" + output);
        }
        return new Ping(Integer.parseInt(counts.group(1)), Integer.parseInt(counts.group(2)), output);
    }

    int lost() {
        return sent - received;
    }

    /** How long nothing came back, by the pings that were sent: a machine that stands still sends none. */
    double lostSeconds() {
        Matcher time = TIME.matcher(output);
        if (!time.find()) {
            throw new AssertionError("ping says no time:\n" + output);
        }
        return lost() * Double.parseDouble(time.group(1)) / 1e3 / Math.max(1, sent - 1);
    }

    /** Whether none is lost but for one whose answer was still under way when {@link #end} came. */
    boolean isCutOffOnly() {
        return received > 0 && lost() <= 1;
    }

    boolean isComplete() {
        return sent > 0 && lost() == 0;
    }
}
