package net.vgate.dataplane;

import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.handshake.SelfTestException;
import net.vgate.packet.DropReason;
import net.vgate.packet.Prefix;
import net.vgate.record.Aead;
import net.vgate.record.Role;
import org.jspecify.annotations.Nullable;

/**
 * Packets between two sites in memory, through all stages both ways: those that may cross must arrive as they should,
 * byte for byte, and those that may not must be dropped, each by the stage that is there for it. A gateway that does
 * otherwise does not start. And the first packets of members find the stages compiled.
 */
public final class DataPathSelfTest {
    private static final String EAST = "east";
    private static final String WEST = "west";
    private static final String VNET = "self-test";

    /** The addresses of members, the same at both sites, and what each site sees the other's as. */
    private static final String MEMBERS = "10.0.0.0/24";

    private static final String EAST_ALIAS = "100.64.1.0/24";
    private static final String WEST_ALIAS = "100.64.2.0/24";

    /** More members of east, of which west knows nothing. */
    private static final String HIDDEN_MEMBERS = "10.0.1.0/24";

    private static final String HIDDEN_ALIAS = "100.64.3.0/24";

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int PORT = 5_201;

    /** East lets it out, west does not let it in. */
    private static final int PORT_OF_EAST = 5_202;

    private static final int OTHER_PORT = 5_203;
    private static final int MEMBER_PORT = 40_000;
    private static final int SEGMENTS = 20;

    /** Java compiles a method after some 200 calls; beyond twice that, a round takes as long as it ever will. */
    private static final int ROUNDS = 400;

    /** Most rounds are of an echo and its reply only: the rest takes ten times as long until it is compiled. */
    private static final int FULL_EVERY = 50;

    /** Where rounds take longer, for a slow machine or a busy one, so many of them must do. */
    private static final long LIMIT_NANOS = 400_000_000;

    /**
     * Longer than packets lie apart that count as rare: of each round, the first one goes alone, the others together.
     */
    private static final long ROUND_NANOS = 1_000_000;

    private final SelfTestSite east;
    private final SelfTestSite west;
    private final List<Denial> denials;
    private long nowNanos;
    private long rounds;
    private long fullRounds;

    /** A packet that a site sends, and where it must be dropped. */
    private record Denial(SelfTestPacket packet, SelfTestSite from, SelfTestSite at, Stage stage, DropReason reason) {}

    private DataPathSelfTest(Aead aead, GatewayConfig.Vnet atEast, GatewayConfig.Vnet atWest) {
        east = new SelfTestSite(EAST, atEast, Role.CLIENT, aead, () -> nowNanos);
        west = new SelfTestSite(WEST, atWest, Role.SERVER, aead, () -> nowNanos);
        east.connect(west);
        west.connect(east);
        // So one way checksums stay partial, and the other way they are made.
        east.takePartialChecksums();
        denials = List.of(
                new Denial(tcp("10.0.0.1", OTHER_PORT), east, east, Stage.PERMIT_OUT, DropReason.POLICY),
                new Denial(tcp("10.0.0.1", PORT_OF_EAST), east, west, Stage.PERMIT_IN, DropReason.POLICY),
                new Denial(tcp("10.0.2.1", PORT), east, east, Stage.CLASSIFY, DropReason.SPOOFED_SOURCE),
                new Denial(tcp("10.0.1.1", PORT), east, west, Stage.ADMIT, DropReason.WRONG_SITE_SOURCE),
                new Denial(
                        SelfTestPacket.echo(SelfTestPacket.ECHO_REQUEST, "10.0.0.2", "100.64.1.1"),
                        west,
                        west,
                        Stage.PERMIT_OUT,
                        DropReason.POLICY));
    }

    private static SelfTestPacket tcp(String source, int port) {
        return SelfTestPacket.tcp(source, MEMBER_PORT, "100.64.2.2", port, 0);
    }

    /**
     * Runs the test; takes some 0.3 s in a cold process.
     *
     * @throws SelfTestException when a packet did not come as it should, or came where it should not
     */
    public static void run(Aead aead) throws SelfTestException {
        run(aead, vnet(EAST), vnet(WEST));
    }

    /** The same with V-nets that may be configured in another way. */
    static void run(Aead aead, GatewayConfig.Vnet atEast, GatewayConfig.Vnet atWest) throws SelfTestException {
        DataPathSelfTest test = new DataPathSelfTest(aead, atEast, atWest);
        try {
            test.exchange();
        } finally {
            test.east.close();
            test.west.close();
        }
    }

    /** Only east's members start flows, of echoes and to one port; all have the same addresses. */
    static GatewayConfig.Vnet vnet(String site) {
        boolean isEast = site.equals(EAST);
        String peer = isEast ? WEST : EAST;
        GatewayConfig.Translation translation =
                new GatewayConfig.Translation(peer, prefix(MEMBERS), prefix(isEast ? EAST_ALIAS : WEST_ALIAS));
        GatewayConfig.Translation hidden =
                new GatewayConfig.Translation(peer, prefix(HIDDEN_MEMBERS), prefix(HIDDEN_ALIAS));
        Direction direction = isEast ? Direction.OUT : Direction.IN;
        return new GatewayConfig.Vnet(
                VNET,
                1,
                GatewayConfig.Kind.L3,
                new GatewayConfig.Tun(VNET, Optional.empty(), List.of(), false, Optional.empty()),
                isEast ? List.of(prefix(MEMBERS), prefix(HIDDEN_MEMBERS)) : List.of(prefix(MEMBERS)),
                isEast ? List.of(translation, hidden) : List.of(translation),
                List.of(new GatewayConfig.Remote(peer, List.of(prefix(isEast ? WEST_ALIAS : EAST_ALIAS)))),
                List.of(
                        rule(direction, ICMP, List.of()),
                        rule(direction, TCP, List.of(new PortRange(PORT, isEast ? PORT_OF_EAST : PORT)))),
                16);
    }

    private static PolicyRule rule(Direction direction, int protocol, List<PortRange> ports) {
        return new PolicyRule(direction, Optional.of(protocol), Optional.empty(), Optional.empty(), ports, false);
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    private void exchange() throws SelfTestException {
        int bytes = SEGMENTS * SelfTestPacket.SEGMENT_BYTES;
        List<SelfTestPacket> sent = List.of(
                SelfTestPacket.echo(SelfTestPacket.ECHO_REQUEST, "10.0.0.1", "100.64.2.2"),
                SelfTestPacket.tcp("10.0.0.1", MEMBER_PORT, "100.64.2.2", PORT, bytes));
        List<SelfTestPacket> delivered = List.of(
                SelfTestPacket.echo(SelfTestPacket.ECHO_REQUEST, "100.64.1.1", "10.0.0.2"),
                SelfTestPacket.tcp("100.64.1.1", MEMBER_PORT, "10.0.0.2", PORT, bytes));
        List<SelfTestPacket> answers = List.of(
                SelfTestPacket.echo(SelfTestPacket.ECHO_REPLY, "10.0.0.2", "100.64.1.1"),
                SelfTestPacket.tcp("10.0.0.2", PORT, "100.64.1.1", MEMBER_PORT, bytes));
        List<SelfTestPacket> answered = List.of(
                SelfTestPacket.echo(SelfTestPacket.ECHO_REPLY, "100.64.2.2", "10.0.0.1"),
                SelfTestPacket.tcp("100.64.2.2", PORT, "10.0.0.1", MEMBER_PORT, bytes));
        long began = System.nanoTime();
        do {
            nowNanos += ROUND_NANOS;
            boolean isFull = rounds % FULL_EVERY == 0;
            rounds++;
            int packets = isFull ? sent.size() : 1;
            fullRounds += isFull ? 1 : 0;
            send(east, sent.subList(0, packets), west, delivered.subList(0, packets), isFull);
            send(west, answers.subList(0, packets), east, answered.subList(0, packets), isFull);
        } while (rounds < ROUNDS && System.nanoTime() - began < LIMIT_NANOS);
        String otherDrop = otherDrop(false);
        if (otherDrop != null) {
            throw failure(otherDrop);
        }
    }

    /** Sends what is to arrive, and in a full round after it what is to be dropped on the way. */
    private void send(
            SelfTestSite from,
            List<SelfTestPacket> sent,
            SelfTestSite to,
            List<SelfTestPacket> delivered,
            boolean isFull)
            throws SelfTestException {
        sent.forEach(from::offer);
        for (Denial denial : denials) {
            if (isFull && denial.from() == from) {
                from.offer(denial.packet());
            }
        }
        delivered.forEach(to::expect);
        while (!from.isIdle() || !to.isIdle()) {
            from.turn();
            to.turn();
        }
        String fault = to.fault();
        if (fault != null) {
            // In the middle of a round, what must be dropped may be on its way yet.
            String otherDrop = otherDrop(true);
            throw failure("at " + to.name() + ", " + fault + (otherDrop == null ? "" : ": " + otherDrop));
        }
    }

    /**
     * How drops differ from those that have to be; null when they do not, or only by being fewer than that while the
     * round is on.
     */
    private @Nullable String otherDrop(boolean isInRound) {
        for (int stage = 0; stage < Stage.count(); stage++) {
            for (int reason = 0; reason < DropReason.count(); reason++) {
                for (SelfTestSite site : List.of(east, west)) {
                    long dropped = site.drops(Stage.of(stage), DropReason.of(reason));
                    long denied = denied(site, Stage.of(stage), DropReason.of(reason));
                    if (isInRound ? dropped > denied : dropped != denied) {
                        return dropped + " packets are dropped in place of " + denied + " at " + site.name()
                                + ", stage "
                                + Stage.of(stage).label() + ", for "
                                + DropReason.of(reason).label();
                    }
                }
            }
        }
        return null;
    }

    private long denied(SelfTestSite site, Stage stage, DropReason reason) {
        long packets = 0;
        for (Denial denial : denials) {
            packets += denial.at() == site && denial.stage() == stage && denial.reason() == reason ? fullRounds : 0;
        }
        return packets;
    }

    private static SelfTestException failure(String why) {
        return new SelfTestException(
                "the data path does not do with packets of the self-test what it must, so no others are safe: " + why);
    }
}
