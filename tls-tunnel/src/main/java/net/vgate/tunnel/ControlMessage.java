package net.vgate.tunnel;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import net.vgate.record.PeerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What two gateways tell each other inside an association: Geneve with VNI 0, the O bit and protocol type 0x88B5 in
 * front, {@link ControlCodec} for the rest. A message speaks of the association that it came on. Every message states
 * something that stays true when it is repeated, so a lost one is sent again and a doubled one changes nothing.
 */
public sealed interface ControlMessage {
    /** Largest generation of an association; a peer that goes there stays there. */
    int MAX_GENERATION = Integer.MAX_VALUE;

    /** Lanes that a tunnel may have. */
    int MAX_LANES = 64;

    /**
     * First message on an association, from its DTLS client, again and again until a {@link HelloAck} comes.
     *
     * @param version the highest that the sender speaks
     * @param oldest the lowest that the sender speaks
     * @param incarnation random number of the sender's process, never 0
     * @param peerIncarnation the receiver's incarnation as the sender knows it, 0 while it does not; where it is not
     *     the receiver's, the generation counts as 1
     * @param generation 1 for first contact, then one more than any that both have used; the higher one stays
     * @param capabilities see {@link Capability}
     * @param lane which lane of the tunnel the association is for, from 0
     * @param lanes how many lanes the sender would have; the tunnel has as many as both would
     */
    record Hello(
            ProtocolVersion version,
            ProtocolVersion oldest,
            long incarnation,
            long peerIncarnation,
            int generation,
            long capabilities,
            int lane,
            int lanes)
            implements ControlMessage {}

    /**
     * The server's answer to a {@link Hello}, in the same form: from now on it sends on this association, unless it
     * knows a better one.
     *
     * @param hello the server's own side; its generation is the one that counts for the association
     */
    record HelloAck(Hello hello) implements ControlMessage {}

    /**
     * Asks for an {@link EchoReply} on the same association.
     *
     * @param stamp means something to the sender only
     */
    record EchoRequest(int number, long stamp) implements ControlMessage {}

    /** Gives back number and stamp of an {@link EchoRequest}. */
    record EchoReply(int number, long stamp) implements ControlMessage {}

    /**
     * Asks for a {@link PathProbeAck} on the same association; padded so that it says how large a packet the path
     * carries.
     *
     * @param number 1 and up; a probe that is sent again keeps it
     * @param bytes of the outer IP packet that carries it, all headers included
     */
    record PathProbe(int number, int bytes) implements ControlMessage {}

    /** Gives back the number of a {@link PathProbe}. */
    record PathProbeAck(int number) implements ControlMessage {}

    /**
     * Asks whoever is at the address that it was sent to for a {@link PathResponse}, which goes back to where the
     * challenge came from: what RFC 9853 calls path_challenge.
     *
     * @param cookie means something to the sender only
     */
    record PathChallenge(long cookie) implements ControlMessage {}

    /** Gives back the cookie of a {@link PathChallenge}. */
    record PathResponse(long cookie) implements ControlMessage {}

    /** The DTLS server asks the client to replace the association, until a new one is there. */
    record RekeyRequest(int generation, RekeyReason reason) implements ControlMessage {}

    /** The DTLS client sends on this association from now on; until a {@link SwitchAck} comes. */
    record Switch(int generation) implements ControlMessage {}

    /** Answer to {@link Switch}. */
    record SwitchAck(int generation) implements ControlMessage {}

    /**
     * Whether flows are to take another gateway of the sender's site, if there is one; until a {@link DrainingAck}
     * comes.
     *
     * @param number 1 and up, one more with each change; a lower one than was seen from the same process is late
     */
    record Draining(int number, boolean drains) implements ControlMessage {}

    /** Gives back the number of a {@link Draining}. */
    record DrainingAck(int number) implements ControlMessage {}

    /**
     * A part of what the sender demands for the V-nets that it would carry with the receiver, see {@link TunnelClass};
     * what is in no part is demanded for no V-net.
     *
     * @param generation 1 on a new association, and more when something else is demanded
     * @param part which of them it is, from 0
     * @param parts how many there are, 1 to {@link #MAX_PARTS}
     * @param ranges of at most {@link #MAX_VNIS} V-nets each, at most {@link #MAX_RANGES}, all with one demand
     */
    record Demands(int generation, int part, int parts, List<VnetDemands.Range> ranges) implements ControlMessage {
        static final int MAX_PARTS = 1_024;
        static final int MAX_RANGES = 63;
        static final int MAX_VNIS = 256;

        public Demands {
            ranges = List.copyOf(ranges);
        }

        DemandsAck ack() {
            return new DemandsAck(generation, part);
        }

        /** All parts of {@code demands}; what is too much for them is left out, and so is not agreed on. */
        static List<Demands> of(int generation, VnetDemands demands) {
            TreeMap<Long, List<VnetDemands.Range>> byDemand = new TreeMap<>();
            for (VnetDemands.Range range : demands.ranges()) {
                List<VnetDemands.Range> cut = byDemand.computeIfAbsent(range.demand(), none -> new ArrayList<>());
                for (int first = range.first(); first <= range.last(); first += MAX_VNIS) {
                    cut.add(new VnetDemands.Range(first, Math.min(first + MAX_VNIS - 1, range.last()), range.demand()));
                }
            }
            List<List<VnetDemands.Range>> chunks = new ArrayList<>();
            for (List<VnetDemands.Range> cut : byDemand.values()) {
                for (int from = 0; from < cut.size(); from += MAX_RANGES) {
                    chunks.add(cut.subList(from, Math.min(from + MAX_RANGES, cut.size())));
                }
            }
            int count = Math.max(1, Math.min(chunks.size(), MAX_PARTS));
            List<Demands> parts = new ArrayList<>();
            for (int part = 0; part < count; part++) {
                parts.add(new Demands(generation, part, count, chunks.isEmpty() ? List.of() : chunks.get(part)));
            }
            return parts;
        }
    }

    /** The sender has that part of {@link Demands}. */
    record DemandsAck(int generation, int part) implements ControlMessage {}

    /**
     * Asks the receiver for a way to another gateway: to pass on what the sender has for it, and the other way round.
     * Sent until it is answered, and then now and again, since a way that is not asked for any more is closed.
     *
     * @param number of the way, 1 and up; the same for the same gateway for as long as the sender's process lives
     */
    record RelayRequest(int number, PeerIdentity far) implements ControlMessage {}

    /**
     * What there is of the way that a {@link RelayRequest} asked for; sent again without being asked when it changes.
     *
     * @param number of the request
     * @param refusal why there is no way; NONE when there is
     * @param label that datagrams to and from the far gateway have between sender and receiver; 0 without a way
     * @param bytes of the largest datagram that goes on from here to the far gateway, 0 while that has not opened its
     *     own way to the receiver, so that nothing passes yet
     * @param seenAt where the far gateway's own tunnel to the sender comes from; null when it is not known, or by TCP
     */
    record RelayAnswer(
            int number,
            RelayRefusal refusal,
            int label,
            int bytes,
            @Nullable InetSocketAddress seenAt) implements ControlMessage {}

    /** The sender gives up the association, and with {@link ClosingReason#STOPPING} the whole tunnel. */
    record Closing(ClosingReason reason) implements ControlMessage {}

    /** A well-formed message of a type that this version does not know. */
    record Unknown(int type) implements ControlMessage {}

    /** Why an association is replaced. */
    enum RekeyReason {
        /** Any that this version has no word for. */
        UNSPECIFIED(0),
        AGE(1),
        RECORDS(2),
        BYTES(3),
        FAILED_OPENINGS(4),
        OPERATOR(5);

        private final int code;

        RekeyReason(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static RekeyReason ofCode(long code) {
            return Arrays.stream(values())
                    .filter(reason -> reason.code == code)
                    .findFirst()
                    .orElse(UNSPECIFIED);
        }

        /** The name in logs and tables. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why a relay opens no way. */
    enum RelayRefusal {
        /** It does. */
        NONE(0),
        /** Any that this version has no word for. */
        UNSPECIFIED(1),
        /** Its operator has not granted it, or it has no tunnel of that name. */
        NOT_GRANTED(2),
        /** It would lead back to who asks, or to the relay itself. */
        LOOP(3),
        /** The tunnel that it was asked by, or the one that leads on, goes by a relay itself. */
        RELAYED(4);

        private final int code;

        RelayRefusal(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static RelayRefusal ofCode(long code) {
            return Arrays.stream(values())
                    .filter(reason -> reason.code == code)
                    .findFirst()
                    .orElse(UNSPECIFIED);
        }

        /** The name in logs and tables. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why an association is given up. */
    enum ClosingReason {
        /** Any that this version has no word for. */
        UNSPECIFIED(0),
        /** The gateway stops; it does not want to be called before it calls or listens again. */
        STOPPING(1),
        /** The two ends speak no common version. */
        INCOMPATIBLE(2);

        private final int code;

        ClosingReason(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static ClosingReason ofCode(long code) {
            return Arrays.stream(values())
                    .filter(reason -> reason.code == code)
                    .findFirst()
                    .orElse(UNSPECIFIED);
        }

        /** The name in logs and tables. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
