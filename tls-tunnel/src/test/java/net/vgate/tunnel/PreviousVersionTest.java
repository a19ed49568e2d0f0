package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.tunnel.ControlMessage.ClosingReason;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.ControlMessage.Hello;
import net.vgate.tunnel.ControlMessage.HelloAck;
import net.vgate.tunnel.ControlMessage.Switch;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.Retire;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOn;
import net.vgate.tunnel.TunnelAction.StartHandshake;
import org.junit.jupiter.api.Test;

/** A peer that speaks the version before this one, from kept bytes, and peers from the future. */
class PreviousVersionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int GENERATION_AT = 20;

    private final SimulatedNetwork net = new SimulatedNetwork(1);
    private final TunnelRules rules = net.rules(SimulatedNetwork.EAST);
    private final TunnelCounters counters = new TunnelCounters();
    private final TunnelMachine machine = new TunnelMachine(rules, counters, new SplittableRandom(1));
    private long now = 1_000 * SECOND;

    @Test
    void anOldClientIsAnsweredAndRekeys() throws IOException {
        machine.start(now);
        machine.accepted(11, now);
        List<TunnelAction> actions = machine.received(11, old("hello-1.0", 1), null, now);
        assertTrue(actions.contains(new SendOn(11)));
        HelloAck ack = sent(actions, 11, HelloAck.class);
        assertEquals(1, ack.hello().generation());
        assertEquals(ProtocolVersion.V1_0, machine.status().version());
        assertEquals(0, machine.status().capabilities());

        machine.accepted(12, now);
        now += SECOND;
        actions = machine.received(12, old("hello-1.0", 2), null, now);
        assertTrue(actions.contains(new SendOn(12)));
        assertTrue(actions.contains(new Retire(11, now + 6 * SECOND)));

        // As long as it repeats its hello, it has not heard the answer, and still sends on the old one.
        now += 4 * SECOND;
        actions = machine.received(12, old("hello-1.0", 2), null, now);
        assertTrue(actions.contains(new Retire(11, now + 6 * SECOND)));
        assertFalse(machine.tick(now + 5 * SECOND).contains(new Close(11, true)));
        assertTrue(machine.tick(now + 6 * SECOND).contains(new Close(11, true)));
    }

    @Test
    void anOldServerIsNotToldOfTheSwitch() throws IOException {
        assertEquals(
                1,
                machine.start(now).stream()
                        .filter(StartHandshake.class::isInstance)
                        .count());
        Hello hello = sent(machine.connected(1, 11, now), 11, Hello.class);
        assertEquals(1, hello.generation());
        List<TunnelAction> actions = machine.received(11, old("hello-ack-1.0", 1), null, now);
        assertTrue(actions.contains(new SendOn(11)));
        assertFalse(actions.stream().anyMatch(action -> isMessage(action, Switch.class)));
        sent(actions, 11, EchoRequest.class);
        assertEquals(TunnelState.ESTABLISHED, machine.state());
    }

    @Test
    void capabilitiesOfALaterVersionAreNotUsed() {
        machine.start(now);
        machine.accepted(11, now);
        Hello hello = new Hello(new ProtocolVersion(1, 200), ProtocolVersion.V1_0, 5, 0, 1, -1, 0, 1);
        List<TunnelAction> actions = machine.received(11, ControlCodec.encode(hello), null, now);
        assertTrue(actions.contains(new SendOn(11)));
        assertEquals(Capability.ALL, machine.status().capabilities());
        assertEquals(ProtocolVersion.CURRENT, machine.status().version());
        assertEquals(Capability.ALL, sent(actions, 11, HelloAck.class).hello().capabilities());
    }

    @Test
    void whatThePeerDoesNotOfferIsNotAgreedOn() {
        machine.start(now);
        machine.accepted(11, now);
        long offered = Capability.ALL & ~Capability.FRAGMENTS;
        Hello hello = new Hello(ProtocolVersion.CURRENT, ProtocolVersion.V1_0, 5, 0, 1, offered, 0, 1);
        assertTrue(machine.received(11, ControlCodec.encode(hello), null, now).contains(new SendOn(11)));
        assertFalse(machine.hasAgreedOn(Capability.FRAGMENTS, 11));
        assertTrue(machine.hasAgreedOn(Capability.PARTIAL_CHECKSUM, 11));
    }

    @Test
    void aLaterMajorVersionThatStillSpeaksOursIsTaken() {
        machine.start(now);
        machine.accepted(11, now);
        Hello hello = new Hello(new ProtocolVersion(2, 0), ProtocolVersion.V1_2, 5, 0, 1, 0, 0, 1);
        assertTrue(machine.received(11, ControlCodec.encode(hello), null, now).contains(new SendOn(11)));
        assertEquals(ProtocolVersion.V1_2, machine.status().version());
    }

    @Test
    void aPeerWithoutACommonVersionIsToldSo() {
        for (Hello hello : List.of(
                new Hello(new ProtocolVersion(2, 0), new ProtocolVersion(2, 0), 5, 0, 1, 0, 0, 1),
                new Hello(new ProtocolVersion(0, 9), new ProtocolVersion(0, 1), 5, 0, 1, 0, 0, 1))) {
            machine.start(now);
            machine.accepted(11, now);
            List<TunnelAction> actions = machine.received(11, ControlCodec.encode(hello), null, now);
            assertEquals(
                    ClosingReason.INCOMPATIBLE,
                    sent(actions, 11, ControlMessage.Closing.class).reason());
            assertTrue(actions.contains(new Close(11, true)));
            assertFalse(actions.stream().anyMatch(SendOn.class::isInstance));
            assertTrue(actions.stream()
                    .anyMatch(action -> action instanceof TunnelAction.Report report
                            && report.event() == TunnelEvent.VERSION_REFUSED));
        }
    }

    @Test
    void nothingIsAnsweredBeforeTheHello() {
        machine.start(now);
        machine.accepted(11, now);
        assertTrue(machine.received(11, ControlCodec.encode(new EchoRequest(1, 2)), null, now)
                .isEmpty());
        assertTrue(machine.received(11, ControlCodec.encode(new EchoReply(1, 2)), null, now)
                .isEmpty());
        assertTrue(machine.received(11, ControlCodec.encode(new Switch(1)), null, now)
                .isEmpty());
        assertTrue(machine.received(99, ControlCodec.encode(new EchoRequest(1, 2)), null, now)
                .isEmpty());
        assertTrue(machine.received(11, new byte[] {1, 99, 0, 0}, null, now).isEmpty());
        assertTrue(machine.received(11, new byte[] {7}, null, now).isEmpty());
        assertEquals(6, counters.get(TunnelCounter.CONTROL_RECEIVED));
        assertEquals(3, counters.get(TunnelCounter.CONTROL_UNEXPECTED));
        assertEquals(1, counters.get(TunnelCounter.CONTROL_UNKNOWN));
        assertEquals(1, counters.get(TunnelCounter.CONTROL_MALFORMED));
    }

    @Test
    void aMessageOfALaterVersionChangesNothing() throws IOException {
        machine.start(now);
        machine.accepted(11, now);
        machine.received(11, old("hello-1.0", 1), null, now);
        TunnelStatus before = machine.status();
        assertTrue(machine.received(11, new byte[] {1, 99, 0, 0}, null, now).isEmpty());
        assertEquals(before, machine.status());
    }

    private static byte[] old(String name, int generation) throws IOException {
        byte[] bytes = ControlCodecTest.golden(name);
        ByteBuffer.wrap(bytes).putInt(GENERATION_AT, generation);
        return bytes;
    }

    private static boolean isMessage(TunnelAction action, Class<? extends ControlMessage> type) {
        return action instanceof SendControl send && type.isInstance(send.message());
    }

    private static <T extends ControlMessage> T sent(List<TunnelAction> actions, long association, Class<T> type) {
        return actions.stream()
                .filter(action -> isMessage(action, type))
                .map(SendControl.class::cast)
                .peek(send -> assertEquals(association, send.association()))
                .map(send -> type.cast(send.message()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(actions.toString()));
    }
}
