package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Lane;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderFenceTest {
    private static final long MS = 1_000_000;
    private static final long START = -7_000 * MS;

    private final Quiescence quiescence = new Quiescence();
    private final Association stream = association(1, DatagramPort.STREAM);
    private final Association udp = association(2, 0);

    static Association association(int id, int local) {
        RecordKeys keys = RecordKeys.of(
                AeadAlgorithm.AES_128_GCM, new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)], Role.CLIENT);
        ConnectionIds ids = ConnectionIds.negotiated(id, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) id});
        return new Association(
                new Association.Terms(ids, Role.CLIENT, new PeerIdentity("west", "west-1"), "TLS_TEST", Instant.MAX),
                new Association.Path(local, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433)),
                keys,
                new ControlProtector(ids, keys),
                new JceAead(),
                2,
                START);
    }

    private OrderFence begun() {
        OrderFence fence = new OrderFence(stream, udp, quiescence, START);
        assertTrue(udp.isHeld());
        fence.published(false, START);
        return fence;
    }

    private static EchoReply answer(@Nullable EchoRequest asked) {
        assertNotNull(asked);
        return new EchoReply(asked.number(), asked.stamp());
    }

    @Test
    void anotherPathIsWaitedForAndNoOther() {
        Association listening = association(3, 1);
        assertTrue(OrderFence.isNeeded(stream, udp, 0, START + 1_000 * MS));
        assertFalse(OrderFence.isNeeded(udp, stream, 0, START));
        assertFalse(OrderFence.isNeeded(udp, association(4, 0), 0, START));
        assertTrue(OrderFence.isNeeded(udp, listening, 0, START));
        assertTrue(OrderFence.isNeeded(association(5, DatagramPort.RELAY), udp, 0, START));
    }

    @Test
    void aPathOfUdpThatMayBeDeadIsNotWaitedFor() {
        Association listening = association(3, 1);
        assertTrue(OrderFence.isNeeded(udp, listening, 0, START + OrderFence.LIVELY_NANOS - 1));
        assertFalse(OrderFence.isNeeded(udp, listening, 0, START + OrderFence.LIVELY_NANOS));
        assertTrue(OrderFence.isNeeded(udp, listening, 200 * MS, START + 400 * MS - 1));
        assertFalse(OrderFence.isNeeded(udp, listening, 200 * MS, START + 400 * MS));
    }

    @Test
    void isAnsweredOnTheOldAssociationOnly() {
        OrderFence fence = begun();
        EchoReply answer = answer(fence.tick(START));
        assertNull(fence.tick(fence.wakeAt() - 1));
        assertEquals(answer, answer(fence.tick(START + OrderFence.AGAIN_NANOS)));

        fence.received(udp, answer);
        fence.received(stream, new EchoReply(answer.number(), answer.stamp() - 1));
        fence.received(stream, null);
        assertTrue(udp.isHeld(START + 20 * MS));
        fence.received(stream, answer);
        assertFalse(udp.isHeld());
        assertFalse(stream.isHeld());
    }

    @Test
    void asksOnlyWhenNoWorkerCanSealOnTheOldAssociationAnyMore() {
        Quiescence.Worker busy = quiescence.register();
        Quiescence.Worker other = quiescence.register();
        busy.announce();
        other.announce();
        OrderFence fence = begun();
        assertNull(fence.tick(START));
        other.announce();
        assertNull(fence.tick(fence.wakeAt()));
        assertEquals(START + 2 * OrderFence.LOOK_NANOS, fence.wakeAt());
        assertNull(fence.tick(fence.wakeAt() - 1));
        busy.announce();
        assertNotNull(fence.tick(fence.wakeAt()));
    }

    /** A worker that idles counts as done, and may have such data still. */
    @Test
    void whatWaitedBeforeIsSentFirst() {
        OrderFence fence = new OrderFence(stream, udp, quiescence, START);
        fence.published(true, START);
        assertNull(fence.tick(START));
        assertNull(fence.tick(START + 2 * OrderFence.LOOK_NANOS - 1));
        assertNotNull(fence.tick(fence.wakeAt()));
    }

    @Test
    void heldIsNobodyForLong() {
        Quiescence.Worker hanging = quiescence.register();
        hanging.announce();
        OrderFence fence = begun();
        long now = START;
        while (fence.wakeAt() != Long.MAX_VALUE) {
            now = fence.wakeAt();
            assertNull(fence.tick(now));
        }
        assertTrue(now - START <= OrderFence.HOLD_NANOS + OrderFence.LOOK_NANOS);
        assertTrue(udp.isHeld(START + OrderFence.HOLD_NANOS - 1));
        assertFalse(udp.isHeld(START + OrderFence.HOLD_NANOS));
        assertFalse(udp.isHeld());
    }

    @Test
    void isLiftedWhenTheStreamIsGone() {
        OrderFence fence = begun();
        fence.lift();
        assertFalse(udp.isHeld());
        assertNull(fence.tick(START + MS));
    }

    /**
     * Workers whose turns take time, a stream that is late, and UDP that is not: each worker's packets arrive in order,
     * and none waits for longer than what is before it in the stream.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void noPacketOvertakesAnother(long seed) {
        Simulation simulation = new Simulation(new SplittableRandom(seed));
        simulation.run();
        for (Simulation.Turns worker : simulation.workers) {
            assertEquals(worker.sealed, worker.arrived.size());
            assertEquals(worker.arrived.stream().sorted().toList(), worker.arrived);
            assertTrue(worker.waited > 0);
        }
        assertTrue(simulation.liftedAt - simulation.publishedAt <= simulation.delay + 20 * MS);
    }

    private final class Simulation {
        private final SplittableRandom random;
        private final Lane lane = new Tunnel(0, "west/west-1", 1).lane(0);
        private final List<Turns> workers = List.of(new Turns(), new Turns(), new Turns());
        private final PriorityQueue<Step> steps =
                new PriorityQueue<>(Comparator.comparingLong(Step::at).thenComparingLong(Step::order));
        private final long delay;
        private long now = START;
        private long order;
        private long publishedAt;
        private long liftedAt;

        private record Step(long at, long order, Runnable action) {}

        /** One worker: looks a lane up at the start of a turn, and seals at its end. */
        private final class Turns {
            private final Quiescence.Worker quiescent = quiescence.register();
            private final Deque<Integer> waiting = new ArrayDeque<>();
            private final List<Integer> arrived = new ArrayList<>();
            private int sealed;
            private int waited;

            void begin() {
                quiescent.announce();
                Association taken = lane.sending();
                if (!udp.isHeld(now)) {
                    waiting.forEach(this::sendByUdp);
                    waiting.clear();
                }
                at(now + random.nextLong(5 * MS), () -> seal(taken));
            }

            private void seal(@Nullable Association on) {
                int packet = sealed++;
                if (on == stream) {
                    at(now + delay, () -> arrived.add(packet));
                } else if (udp.isHeld() || !waiting.isEmpty()) {
                    waiting.add(packet);
                    waited++;
                } else {
                    sendByUdp(packet);
                }
                if (now < START + 300 * MS || !waiting.isEmpty()) {
                    at(now + random.nextLong(MS), this::begin);
                }
            }

            private void sendByUdp(int packet) {
                at(now + MS, () -> arrived.add(packet));
            }
        }

        Simulation(SplittableRandom random) {
            this.random = random;
            delay = random.nextLong(10, 100) * MS;
            lane.publish(stream);
        }

        void at(long when, Runnable action) {
            steps.add(new Step(when, order++, action));
        }

        void run() {
            workers.forEach(Turns::begin);
            at(START + 100 * MS, this::goBack);
            while (!steps.isEmpty()) {
                Step step = steps.remove();
                now = step.at();
                step.action().run();
            }
        }

        private void goBack() {
            publishedAt = now;
            OrderFence fence = new OrderFence(stream, udp, quiescence, now);
            lane.publish(udp);
            fence.published(false, now);
            tick(fence);
        }

        private void tick(OrderFence fence) {
            EchoRequest echo = fence.tick(now);
            if (echo != null) {
                at(now + delay + MS, () -> {
                    fence.received(stream, answer(echo));
                    liftedAt = now;
                });
            } else {
                at(fence.wakeAt(), () -> tick(fence));
            }
        }
    }
}
