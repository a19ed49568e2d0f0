package net.vgate.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway makes of one address of one V-net at this moment: what {@code vgate explain --json} prints. Of a
 * question that is refused there is {@code problem} alone.
 *
 * @param site this gateway's
 * @param file the configuration, which all lines are of, as it was when it was loaded
 * @param generation of the configuration; 0 when the question itself is refused
 * @param at the site where the address is written so; this gateway's, or a peer's
 * @param meaning whose it is; null when the question is refused
 * @param forms the same host's addresses, at this site first
 * @param gateways of the peers that {@code ways} are about
 * @param ways of packets to the address and from it
 * @param problem why there is no answer, in one line; null when there is one
 */
public record AddressReport(
        String vnet,
        int vni,
        String site,
        String gateway,
        String file,
        long generation,
        String address,
        String at,
        @Nullable Meaning meaning,
        List<Form> forms,
        List<Gateway> gateways,
        List<Way> ways,
        @Nullable String problem) {
    public AddressReport {
        forms = List.copyOf(forms);
        gateways = List.copyOf(gateways);
        ways = List.copyOf(ways);
    }

    /** Of a question that asks for what there is not. */
    public static AddressReport refused(String vnet, String address, String at, String problem) {
        return unavailable(vnet, address, at, 0, problem);
    }

    /** Of a V-net that is configured, and not in force. */
    public static AddressReport unavailable(String vnet, String address, String at, long generation, String problem) {
        return new AddressReport(
                vnet, 0, "", "", "", generation, address, at, null, List.of(), List.of(), List.of(), problem);
    }

    /**
     * Whose the address is.
     *
     * @param kind {@code gateway}: this gateway's own; {@code member}: a member's here; {@code absent}: it would be a
     *     member's, and the directory has nobody there; {@code remote}: a member's at a peer's site; {@code alias}: it
     *     is written so at a peer's site only; {@code scope}: means another host on each link; {@code unknown}:
     *     nobody's
     * @param text that, in a line for people
     * @param member the member's or the gateway's own address, at this site; null when there is none
     * @param peer the site that it is at, or that writes it so; null when there is none
     * @param by the configured prefix, or rule, by which it is; null when there is none
     * @param state in the directory, {@code expected} or {@code joined}; null when it is not listed, or need not be
     * @param attachment the device that leads to it; null when none does
     * @param neighbor the member on its link of Ethernet; null when it is not known there, or that is none
     * @param advice what would make it something else, or where to ask on, a line each
     */
    public record Meaning(
            String kind,
            String text,
            @Nullable String member,
            @Nullable String peer,
            @Nullable Written by,
            @Nullable String state,
            @Nullable String attachment,
            @Nullable Neighbor neighbor,
            List<String> advice) {
        public Meaning {
            advice = List.copyOf(advice);
        }
    }

    /**
     * A station on a link of Ethernet.
     *
     * @param mac null while it is asked for
     * @param locator of the switch behind which it is; null while it is asked for, and at a TAP
     * @param state as {@link NeighborsReport.Neighbor} has it
     * @param ageSeconds since it was confirmed; while it is asked for, since that began
     */
    public record Neighbor(@Nullable String mac, @Nullable String locator, String state, long ageSeconds) {}

    /**
     * Something of the configuration.
     *
     * @param text as the file has it
     * @param line in the file; null when it is not known
     */
    public record Written(String text, @Nullable Integer line) {
        /** With its line, for people. */
        @Override
        public String toString() {
            return line == null ? text : text + " (line " + line + ")";
        }
    }

    /**
     * How an address is written at a site.
     *
     * @param address null when it cannot be written there, or this gateway does not know how
     * @param by the prefix or the rule that makes it so; null when there is none
     * @param text why, for people
     */
    public record Form(
            String site, @Nullable String address, @Nullable Written by, String text) {}

    /**
     * A gateway of a peer, and whether it carries the V-net.
     *
     * @param state of its tunnel: as {@link StatusReport.Tunnel#standing} has it
     * @param carries whether flows of the V-net go by it now
     * @param refusal the drop reason by which it does not carry the V-net, though it is up; null when it may
     * @param text why it does not carry it; null when it does
     * @param rung {@code udp} or {@code tcp}; null when there is no association
     * @param local our end of the path in use; null when there is no association
     * @param remote the peer's end; null when it is not known
     * @param cipherSuite its IANA name; null when there is no association
     */
    public record Gateway(
            String peer,
            String gateway,
            String state,
            boolean carries,
            @Nullable String refusal,
            @Nullable String text,
            @Nullable String rung,
            @Nullable String local,
            @Nullable String remote,
            @Nullable String cipherSuite) {}

    /**
     * A way of packets, as far as it goes.
     *
     * @param direction {@code out}, {@code in}, or {@code local} between members here
     * @param peer the other site; null when it is none, or any
     * @param from the packets' sources, in words; addresses as they are where the packets begin
     * @param to their destinations
     * @param steps in the order in which packets meet them; the last one drops them all, or is the last on the way
     * @param drop the reason that is counted for all of them; null when some arrive
     */
    public record Way(
            String direction,
            @Nullable String peer,
            String from,
            String to,
            List<Step> steps,
            @Nullable String drop) {
        public Way {
            steps = List.copyOf(steps);
        }
    }

    /**
     * A stage, and what it does with these packets.
     *
     * @param stage as drops are counted by
     * @param verdict {@code pass}; {@code some} pass, and others are dropped; {@code answers} pass, to flows that start
     *     the other way; all are dropped, {@code drop}; or {@code idle}: it passes what comes, and nothing can come now
     * @param reason of drops; null with {@code pass} and {@code idle}
     * @param text why, for people
     * @param by what of the configuration makes it so
     */
    public record Step(
            String stage, String verdict, @Nullable String reason, String text, List<Written> by) {
        public Step {
            by = List.copyOf(by);
        }
    }
}
