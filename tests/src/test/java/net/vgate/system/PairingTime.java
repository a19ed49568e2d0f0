package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;

/**
 * How long a tenant waits, from the moment at which gateways listen to the first answer of another site. Programs that
 * run beside the test note both moments, so that what the test itself takes is not in it.
 */
final class PairingTime implements AutoCloseable {
    private static final Pattern ANSWER = Pattern.compile("\\[(\\d+\\.\\d+)] \\d+ bytes from");

    private static final int ATTEMPTS = 3;

    private final List<BackgroundProcess> listening;
    private final BackgroundProcess pings;

    private PairingTime(List<BackgroundProcess> listening, BackgroundProcess pings) {
        this.listening = listening;
        this.pings = pings;
    }

    /** Begins to look, before {@code gateways} are started; {@code host} pings {@code address} at the other site. */
    static PairingTime watch(List<Site> gateways, TestNetns host, String address) {
        String port = ":%04X ".formatted(TwoSites.UDP_PORT);
        String untilListening = "until grep -q '" + port + "' /proc/net/udp; do sleep 0.002; done; date +%s.%N";
        return new PairingTime(
                gateways.stream()
                        .map(site -> site.wan().start(Command.favoured(List.of("sh", "-c", untilListening))))
                        .toList(),
                host.start(Command.favoured(List.of("ping", "-n", "-D", "-i", "0.01", address))));
    }

    /**
     * Expects one of three attempts to take no longer than {@code limit}: a machine that stands still for a moment is
     * none of the gateways' business, but it does not do so each time.
     *
     * @param attempt starts what is to pair, anew each time, and returns {@link #seconds}
     */
    static void assertWithin(Duration limit, DoubleSupplier attempt) {
        List<Double> all = new ArrayList<>();
        do {
            all.add(attempt.getAsDouble());
        } while (all.size() < ATTEMPTS && Collections.min(all) > limit.toMillis() / 1e3);
        assertTrue(Collections.min(all) <= limit.toMillis() / 1e3, () -> "answered after " + all + " s");
    }

    /** Waits for the first answer, and returns how long it took. */
    double seconds() {
        TestBed.await("a ping comes back", TwoSites.PAIRING, () -> answered().isPresent());
        double seconds = answered().getAsDouble() - listened().getAsDouble();
        System.out.printf("answered %.3f s after it listened%n", seconds);
        return seconds;
    }

    /** When the last of them did. */
    private OptionalDouble listened() {
        List<String> moments =
                listening.stream().map(watch -> watch.output().strip()).toList();
        return moments.contains("")
                ? OptionalDouble.empty()
                : moments.stream().mapToDouble(Double::parseDouble).max();
    }

    private OptionalDouble answered() {
        OptionalDouble since = listened();
        if (since.isEmpty()) {
            return since;
        }
        Matcher answers = ANSWER.matcher(pings.output());
        return answers.results()
                .mapToDouble(answer -> Double.parseDouble(answer.group(1)))
                .filter(at -> at >= since.getAsDouble())
                .findFirst();
    }

    @Override
    public void close() {
        listening.forEach(BackgroundProcess::close);
        pings.close();
    }
}
