package net.vgate.observe;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole gateway as it is at one moment: what {@code vgate status --json} prints, and what the tables, the status
 * page and the metrics are made of. Counts are those since the process started, and never fall.
 *
 * @param offloads every one that there is
 * @param sites that the configuration names
 * @param tunnels one for each remote gateway that the configuration names
 * @param vnets in the configuration's order
 * @param drops only those above zero; by stage, reason and peer
 * @param names that peers are reached by over UDP, in the configuration's order
 * @param relays what this gateway passes on between others
 */
public record StatusReport(
        Gateway gateway,
        Configuration configuration,
        List<Offload> offloads,
        List<Site> sites,
        List<Tunnel> tunnels,
        List<Vnet> vnets,
        List<Drop> drops,
        List<Name> names,
        List<Relay> relays) {
    public StatusReport {
        offloads = List.copyOf(offloads);
        sites = List.copyOf(sites);
        tunnels = List.copyOf(tunnels);
        vnets = List.copyOf(vnets);
        drops = List.copyOf(drops);
        names = List.copyOf(names);
        relays = List.copyOf(relays);
    }

    /**
     * Who it is.
     *
     * @param udp where it listens, as {@code address:port}
     * @param certificateExpires of its own certificate
     * @param keyLog file that session keys are written to; null, as it should be, when there is none
     * @param draining whether peers are asked to send flows to other gateways of this site
     * @param handshakesRefused by handshakes of peers that are none of the configured ones, or could not be told
     * @param handshakeDatagrams that were not dropped
     * @param handshakeFailures only those above zero; by role and reason
     * @param streams what became of connections by TCP; null when none are listened for
     * @param revocationLists of the authorities that have said when the next one is due
     */
    public record Gateway(
            String site,
            String name,
            String version,
            Instant started,
            double uptimeSeconds,
            String udp,
            Instant certificateExpires,
            Aead aead,
            @Nullable String keyLog,
            boolean draining,
            long handshakesRefused,
            HandshakeDatagrams handshakeDatagrams,
            List<HandshakeFailures> handshakeFailures,
            @Nullable Streams streams,
            List<RevocationList> revocationLists) {
        public Gateway {
            handshakeFailures = List.copyOf(handshakeFailures);
            revocationLists = List.copyOf(revocationLists);
        }
    }

    /**
     * Handshakes that came to nothing.
     *
     * @param role ours, {@code client} or {@code server}; in the latter a peer or a stranger was refused
     * @param reason one of a closed set
     */
    public record HandshakeFailures(String role, String reason, long count) {}

    /**
     * What became of connections to {@code listen.tcp}.
     *
     * @param accepted those that became streams
     * @param refused those that wanted something else, or spoke no HTTP
     * @param failed those whose TLS failed, or that broke
     * @param tooSlow those that took too long to say what they want
     * @param overLimit those that were too many, in all or from one source
     */
    public record Streams(long accepted, long refused, long failed, long tooSlow, long overLimit) {}

    /**
     * An authority's revocation list.
     *
     * @param nextUpdate when the next one is due
     */
    public record RevocationList(String authority, Instant nextUpdate) {}

    /**
     * Datagrams of handshakes.
     *
     * @param challenged answered with a cookie, by which the sender is to show its address; nothing else came of them
     * @param taken that began a handshake or were of use to one
     */
    public record HandshakeDatagrams(long challenged, long taken) {}

    /**
     * Who computes AES-GCM.
     *
     * @param provider by the name that the configuration has for it
     * @param whyNotFaster why a faster provider is not in use; null when the fastest is
     */
    public record Aead(
            String provider, String version, @Nullable String whyNotFaster) {}

    /**
     * What it runs by.
     *
     * @param generation rises with each one that is put to use
     * @param loaded when this one was put to use
     * @param lastReload null before the first reload
     */
    public record Configuration(
            String file,
            long generation,
            Instant loaded,
            @Nullable Reload lastReload) {}

    /**
     * The last attempt to change the configuration.
     *
     * @param problems why it was not applied; empty when it was
     */
    public record Reload(Instant at, boolean applied, List<String> problems) {
        public Reload {
            problems = List.copyOf(problems);
        }
    }

    /**
     * One of the kernel's off-loads, or of ours.
     *
     * @param name its key in the configuration
     * @param on whether it is in use, at all devices or sockets that could
     * @param reason why not; null when it is
     */
    public record Offload(String name, boolean on, @Nullable String reason) {}

    /**
     * A remote site.
     *
     * @param gateways which flows go to; none while none can be reached
     * @param flowMoves how often flows went over to other gateways than before
     * @param lastFlowMoveSeconds how long, the last time, nothing was heard before; null when there was none
     * @param congestionMarks packets of its members that the network in between marked (CE), and that went on so
     * @param fragments packets that crossed in fragments of the tunnel
     */
    public record Site(
            String name,
            List<String> gateways,
            long flowMoves,
            @Nullable Double lastFlowMoveSeconds,
            long congestionMarks,
            Fragments fragments) {
        public Site {
            gateways = List.copyOf(gateways);
        }
    }

    /**
     * Fragments of the tunnel, to and from a site.
     *
     * @param reassembled packets that are whole again
     */
    public record Fragments(long sent, long received, long reassembled) {
        public static final Fragments NONE = new Fragments(0, 0, 0);
    }

    /**
     * The tunnel to one remote gateway.
     *
     * @param peer the remote site
     * @param gateway its gateway
     * @param state of the tunnel's life cycle, in lower case
     * @param up whether it carries data at this moment
     * @param carries whether flows to the site take it; else it stands by
     * @param avoided why flows take another gateway of the site if there is one, {@code draining} or
     *     {@code target_silent}; null when they need not
     * @param lanes how many there are
     * @param role our part in the current association, {@code client} or {@code server}; null when there is none
     * @param cipherSuite its IANA name; null when there is no association
     * @param aead the provider that computes it, which need not be the gateway's; null when there is no association
     * @param local our end of the path, as {@code address:port}; null when there is no association
     * @param remote the peer's end of the path; null when it is not known yet
     * @param ageSeconds of the association; null when there is none
     * @param lastReceivedSeconds how long ago an authentic record came; null when none ever did
     * @param rttSeconds round-trip time of the last liveness echo; null before the first
     * @param pathMtu largest outer IP packet that the path carries, in bytes; null when there is no association
     * @param out sealed records, over all associations
     * @param in opened records, over all associations
     * @param peerCertificateExpires null when there is no association, or it is by a pre-shared key
     * @param paths to the peer over UDP that are measured, the one in use first; empty when there is no association
     * @param refusedVnets that it does not carry, since their class is not met
     * @param rung that the first lane's association is on, {@code udp} or {@code tcp}; null when there is none
     * @param rungReason why that is not UDP; null if it is, or need not be
     * @param nextRekeySeconds until the association's age has it replaced; null when there is none
     */
    public record Tunnel(
            String peer,
            String gateway,
            String state,
            boolean up,
            boolean carries,
            @Nullable String avoided,
            int lanes,
            @Nullable String role,
            @Nullable String cipherSuite,
            @Nullable String aead,
            @Nullable String local,
            @Nullable String remote,
            @Nullable Double ageSeconds,
            @Nullable Double lastReceivedSeconds,
            @Nullable Double rttSeconds,
            @Nullable Integer pathMtu,
            Records out,
            Records in,
            long rekeys,
            Handshakes handshakes,
            @Nullable Instant peerCertificateExpires,
            List<Path> paths,
            List<RefusedVnet> refusedVnets,
            @Nullable String rung,
            @Nullable String rungReason,
            @Nullable Double nextRekeySeconds) {
        public Tunnel {
            paths = List.copyOf(paths);
            refusedVnets = List.copyOf(refusedVnets);
        }

        /** By which rung it goes and why not by a better one, for people; null when there is nothing to say. */
        public @Nullable String rungText() {
            return up && rungReason != null ? "by " + rung + ", since " + rungReason : null;
        }

        /** How it stands, in a word. */
        public String standing() {
            if (up && avoided != null) {
                return avoided;
            }
            return up && !carries ? "standby" : state;
        }

        /**
         * The cipher suite as people read it, with the provider that computes it if that is another one than the
         * gateway's; {@code -} when there is no association.
         */
        public String cipherText(Aead gateways) {
            if (cipherSuite == null) {
                return "-";
            }
            String suite = cipherSuite.replaceFirst("^TLS_", "");
            return gateways.provider().equals(aead) ? suite : suite + " (" + aead + ")";
        }
    }

    /**
     * A path of the tunnel's first lane.
     *
     * @param local our end: {@code address:port} of {@code listen.udp}, or the address that the peer is called from;
     *     null if it is a stream
     * @param remote the peer's end, as {@code address:port}
     * @param inUse whether packets take it; else it stands by
     * @param live whether the peer answers on it
     * @param rttSeconds smoothed; null before the first answer
     * @param lossRatio share of the last 32 requests without answer, 0 to 1: of both directions; null before the first
     */
    public record Path(
            @Nullable String local,
            String remote,
            boolean inUse,
            boolean live,
            @Nullable Double rttSeconds,
            @Nullable Double lossRatio) {
        /** What it is good for, in a word. */
        public String useText() {
            if (inUse) {
                return "in use";
            }
            return live ? "standby" : "silent";
        }
    }

    /**
     * A V-net that a tunnel does not carry, since its class is not met.
     *
     * @param reason by which its packets are dropped
     * @param demanded by this gateway
     * @param but why that is not met, in words
     */
    public record RefusedVnet(String vnet, String reason, String demanded, String but) {
        /** What is refused and why, for people; whose it is stands before it. */
        public String text() {
            return "does not carry " + vnet + " (" + reason + "): it demands " + demanded + ", " + but;
        }
    }

    /** DTLS records and the bytes of their payload. */
    public record Records(long records, long bytes) {}

    /**
     * How the handshakes with a peer ended.
     *
     * @param lastFailure null when none failed
     */
    public record Handshakes(
            long completed, long failed, @Nullable Failure lastFailure) {}

    /**
     * A name that is looked up.
     *
     * @param addresses as last known
     * @param lastFailure null when none failed
     */
    public record Name(
            String name,
            List<String> addresses,
            long lookups,
            long failures,
            @Nullable Failure lastFailure) {
        public Name {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * What is passed on from one gateway to another.
     *
     * @param from the one that sends, as {@code site/gateway}
     * @param open whether both have asked for it, and datagrams pass
     * @param drops of datagrams that were granted, and dropped all the same
     */
    public record Relay(String from, String to, boolean open, long packets, long bytes, long drops) {}

    /** Why and when something failed. */
    public record Failure(Instant at, String reason) {}

    /**
     * A V-net at this gateway.
     *
     * @param kind {@code l3} or {@code l2}
     * @param tunnelClass name of its class; {@code default} demands nothing
     * @param netns network namespace of the device; null is the gateway's own
     * @param mtu inner MTU in bytes
     * @param out from members here to other sites
     * @param in from other sites to members here
     * @param local between members here
     * @param flows in the flow table now
     * @param maxFlows how many the flow table holds
     * @param policy its rules, in the configuration's order, of which the first that permits a flow decides
     * @param deniedOut what members here sent, and no rule permits
     * @param deniedIn what other sites sent, and no rule permits
     */
    public record Vnet(
            String name,
            int vni,
            String kind,
            String tunnelClass,
            String device,
            @Nullable String netns,
            int mtu,
            Traffic out,
            Traffic in,
            Traffic local,
            int flows,
            int maxFlows,
            List<Translation> translations,
            List<Remote> remotes,
            List<Rule> policy,
            Denied deniedOut,
            Denied deniedIn,
            List<Limit> limits) {
        public Vnet {
            translations = List.copyOf(translations);
            remotes = List.copyOf(remotes);
            policy = List.copyOf(policy);
            limits = List.copyOf(limits);
        }
    }

    /** Inner packets and their bytes, headers included. */
    public record Traffic(long packets, long bytes) {}

    /**
     * How fast members here may send to a site.
     *
     * @param waitingPackets that wait now
     * @param delaySeconds how long the packet waited that was sent last of those that waited
     * @param droppedPackets that waited in vain, or had no room to
     * @param markedPackets that were marked as having met congestion in place of that
     */
    public record Limit(
            String peer,
            long bitsPerSecond,
            long waitingPackets,
            double delaySeconds,
            long droppedPackets,
            long markedPackets) {}

    /** Members in {@code local} are seen by {@code peer} as {@code as}. */
    public record Translation(String peer, String local, String as) {}

    /** Members at {@code peer}, as this site sees them. */
    public record Remote(String peer, List<String> prefixes) {
        public Remote {
            prefixes = List.copyOf(prefixes);
        }
    }

    /**
     * A rule of a V-net's policy.
     *
     * @param rule as a person writes it
     * @param line in the configuration's file
     * @param hits flows that it permitted, when they started or when the policy had changed; and packets of no flow
     * @param lastHitSeconds how long ago the last one was; null when there was none
     */
    public record Rule(
            String rule, int line, long hits, @Nullable Long lastHitSeconds) {}

    /**
     * What is denied, since no rule permits it.
     *
     * @param lastSeconds how long ago the last one was; null when there was none
     */
    public record Denied(long packets, @Nullable Long lastSeconds) {}

    /**
     * Packets that left the path, and why.
     *
     * @param stage where on the path
     * @param peer the remote site that the packets were about; null when that is not known
     */
    public record Drop(
            String stage, String reason, @Nullable String peer, long packets) {}
}
