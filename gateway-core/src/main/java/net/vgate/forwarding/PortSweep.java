package net.vgate.forwarding;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import net.vgate.config.GatewayConfig.PortRange;

/** Collects port ranges of rules, which may overlap, and says which rule is the first for each port. */
final class PortSweep {
    private static final int PORTS = 0x1_0000;

    private final List<Claim> claims = new ArrayList<>();

    /** A rule's claim to a range of ports. */
    private record Claim(int rule, int first, int last) {}

    void add(int rule, PortRange range) {
        claims.add(new Claim(rule, range.first(), range.last()));
    }

    /**
     * The first port of each range that has one answer, ascending from 0, and the answer: a rule's number, or
     * {@link Integer#MAX_VALUE} for none. Pairs, one after another.
     */
    List<Integer> starts() {
        TreeSet<Integer> borders = new TreeSet<>();
        borders.add(0);
        for (Claim claim : claims) {
            borders.add(claim.first());
            borders.add(claim.last() + 1);
        }
        borders.remove(PORTS);
        claims.sort(Comparator.comparingInt(Claim::first));
        PriorityQueue<Claim> open = new PriorityQueue<>(Comparator.comparingInt(Claim::rule));
        List<Integer> starts = new ArrayList<>();
        int next = 0;
        int before = -1;
        for (int port : borders) {
            while (next < claims.size() && claims.get(next).first() <= port) {
                open.add(claims.get(next++));
            }
            while (!open.isEmpty() && open.element().last() < port) {
                open.remove();
            }
            int answer = open.isEmpty() ? Integer.MAX_VALUE : open.element().rule();
            if (answer != before) {
                starts.add(port);
                starts.add(answer);
                before = answer;
            }
        }
        return starts;
    }
}
