package net.vgate.offload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/** Flows of super-packets side by side, as they come out of a tunnel, with something wrong here and there. */
final class RandomTraffic {
    private static final class Source {
        final RandomFlow flow;
        final Deque<TrafficPacket> waiting = new ArrayDeque<>();

        Source(RandomFlow flow) {
            this.flow = flow;
        }

        TrafficPacket next() {
            if (waiting.isEmpty()) {
                waiting.addAll(flow.next());
            }
            return waiting.remove();
        }
    }

    private final SplittableRandom random;
    private final List<Source> sources = new ArrayList<>();
    private final int oneIn;
    private Distortion spell = Distortion.TTL;
    private int spellLeft;

    private RandomTraffic(SplittableRandom random, int maxBytes, int oneIn) {
        this.random = random;
        this.oneIn = oneIn;
        int count = 1 + random.nextInt(random.nextBoolean() ? 3 : 12);
        for (int i = 0; i < count; i++) {
            sources.add(new Source(new RandomFlow(random, maxBytes / 3)));
        }
    }

    /**
     * @param maxBytes in all
     * @param oneIn of so many packets one is distorted; 0 for none
     */
    static List<TrafficPacket> packets(SplittableRandom random, int count, int maxBytes, int oneIn) {
        RandomTraffic traffic = new RandomTraffic(random, maxBytes, oneIn);
        List<TrafficPacket> packets = traffic.inTurns(count, maxBytes);
        return oneIn > 0 ? traffic.misplaced(packets) : packets;
    }

    private List<TrafficPacket> inTurns(int count, int maxBytes) {
        List<TrafficPacket> packets = new ArrayList<>();
        int stay = 1 + random.nextInt(20);
        Source source = sources.get(0);
        int bytes = 0;
        while (packets.size() < count) {
            if (random.nextInt(stay) == 0) {
                source = sources.get(random.nextInt(sources.size()));
            }
            TrafficPacket packet = source.next();
            // With what is around it in a batch.
            bytes += packet.bytes().length + 512;
            if (bytes > maxBytes) {
                break;
            }
            packets.add(oneIn > 0 ? distorted(packet) : packet);
        }
        return packets;
    }

    /** Now and then one, and now and then some in a row in one way. */
    private TrafficPacket distorted(TrafficPacket packet) {
        if (random.nextInt(oneIn * 4) == 0) {
            spell = Distortion.any(random);
            spellLeft = 2 + random.nextInt(10);
        }
        if (spellLeft > 0) {
            spellLeft--;
            return packet.withBytes(spell.apply(packet.bytes(), packet.isPartial(), random));
        }
        return random.nextInt(oneIn) == 0 ? distortedAlone(packet) : packet;
    }

    private TrafficPacket distortedAlone(TrafficPacket packet) {
        return switch (random.nextInt(12)) {
            case 0 -> packet.withPlace(1 - packet.vnet(), packet.site());
            case 1 -> packet.withPlace(packet.vnet(), 1 - packet.site());
            case 2 -> packet.withPartial(!packet.isPartial());
            default -> packet.withBytes(Distortion.any(random).apply(packet.bytes(), packet.isPartial(), random));
        };
    }

    /** Some are lost, some come twice, some late. */
    private List<TrafficPacket> misplaced(List<TrafficPacket> packets) {
        List<TrafficPacket> placed = new ArrayList<>(packets);
        for (int i = 0; i + 1 < placed.size(); i++) {
            switch (random.nextInt(150)) {
                case 0 -> placed.remove(i);
                case 1 -> placed.set(i + 1, placed.get(i));
                case 2 -> Collections.swap(placed, i, i + 1);
                default -> {}
            }
        }
        return placed;
    }
}
