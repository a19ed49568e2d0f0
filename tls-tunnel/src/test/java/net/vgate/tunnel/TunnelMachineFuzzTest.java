package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOn;
import net.vgate.tunnel.TunnelAction.StartHandshake;
import net.vgate.tunnel.TunnelAction.StopSending;

/** An authenticated peer that says anything at any time breaks nothing here, and takes no more than it may. */
class TunnelMachineFuzzTest {
    private static final int MOST_ASSOCIATIONS = 24;

    private final Set<Long> open = new HashSet<>();
    private long sending;
    private int attempt;

    @FuzzTest
    void bearsAnyOrderOfEvents(FuzzedDataProvider data) {
        open.clear();
        sending = 0;
        attempt = 0;
        TunnelRules rules = new TunnelRules(
                new PeerIdentity("east", "east-1"),
                new PeerIdentity("west", "west-1"),
                data.consumeBoolean(),
                1,
                Duration.ofSeconds(1),
                3,
                new RekeyLimits(Duration.ofMinutes(1), 1_000, 1_000, 10),
                true,
                new PathMtuBounds(576, 1_500),
                Duration.ofSeconds(5),
                Capability.ALL,
                0,
                1);
        TunnelMachine machine = new TunnelMachine(rules, new TunnelCounters(), new SplittableRandom(1));
        long now = data.consumeLong(0, Long.MAX_VALUE / 2);
        long nextId = 1;
        perform(machine.start(now));
        while (data.remainingBytes() > 0) {
            now += data.consumeInt(0, 20) * 100_000_000L;
            long id = data.consumeLong(1, nextId);
            switch (data.consumeInt(0, 9)) {
                case 0 -> {
                    open.add(nextId);
                    perform(machine.accepted(nextId++, now));
                }
                case 1 -> {
                    open.add(nextId);
                    perform(machine.connected(attempt, nextId++, now));
                }
                case 2 -> perform(machine.failed(attempt, "", now));
                case 3 -> perform(machine.closedByPeer(id, now));
                case 4 -> perform(machine.rekey(now));
                case 5 ->
                    perform(machine.usage(
                            id,
                            new Usage(data.consumeShort(), data.consumeShort(), 0, data.consumeShort(), 0, now),
                            now));
                case 6 -> perform(machine.tick(now));
                case 7 -> perform(data.consumeInt(0, 20) == 0 ? machine.stop(now) : List.of());
                case 8 -> perform(machine.peerIs(data.consumeLong(1, 3), data.consumeLong(0, 2_000_000_000), now));
                default -> perform(machine.received(id, message(data), null, now));
            }
            assertTrue(open.size() <= MOST_ASSOCIATIONS);
            assertTrue(sending == 0 || open.contains(sending));
            assertFalse(machine.state() == TunnelState.CLOSED && !open.isEmpty());
        }
    }

    private static byte[] message(FuzzedDataProvider data) {
        return switch (data.consumeInt(0, 8)) {
            case 0 -> data.consumeBytes(64);
            case 1 -> ControlCodec.encode(new ControlMessage.HelloAck(hello(data)));
            case 2 -> ControlCodec.encode(new ControlMessage.Switch(data.consumeInt(1, 4)));
            case 3 -> ControlCodec.encode(new ControlMessage.SwitchAck(data.consumeInt(1, 4)));
            case 4 -> ControlCodec.encode(new ControlMessage.EchoRequest(data.consumeByte(), data.consumeLong()));
            case 5 -> ControlCodec.encode(new ControlMessage.EchoReply(data.consumeByte(), data.consumeLong()));
            case 6 ->
                ControlCodec.encode(new ControlMessage.Closing(data.pickValue(ControlMessage.ClosingReason.values())));
            case 7 ->
                ControlCodec.encode(
                        new ControlMessage.RekeyRequest(data.consumeInt(1, 4), ControlMessage.RekeyReason.OPERATOR));
            default -> ControlCodec.encode(hello(data));
        };
    }

    private static ControlMessage.Hello hello(FuzzedDataProvider data) {
        ProtocolVersion version = new ProtocolVersion(data.consumeInt(0, 2), data.consumeInt(0, 2));
        return new ControlMessage.Hello(
                version,
                data.consumeBoolean() ? version : new ProtocolVersion(0, 0),
                data.consumeLong(1, 3),
                data.consumeLong(0, 2),
                data.consumeBoolean() ? ControlMessage.MAX_GENERATION : data.consumeInt(1, 5),
                data.consumeByte(),
                data.consumeInt(0, 2),
                data.consumeInt(1, 3));
    }

    private void perform(List<TunnelAction> actions) {
        for (TunnelAction action : actions) {
            if (action instanceof StartHandshake start) {
                attempt = start.attempt();
            } else if (action instanceof SendOn sendOn) {
                sending = sendOn.association();
            } else if (action instanceof StopSending) {
                sending = 0;
            } else if (action instanceof SendControl send) {
                assertTrue(open.contains(send.association()));
            } else if (action instanceof Close close) {
                assertTrue(open.remove(close.association()));
            }
        }
    }
}
