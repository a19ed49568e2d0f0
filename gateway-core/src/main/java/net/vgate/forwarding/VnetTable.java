package net.vgate.forwarding;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.ToIntFunction;
import net.vgate.attachment.MemberStation;
import net.vgate.config.GatewayConfig;
import net.vgate.encap.OuterTrafficClass;
import net.vgate.offload.TunnelFragmenter;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.record.Association;
import net.vgate.translate.PrefixTranslation;
import net.vgate.tunnel.TunnelClass;
import org.jspecify.annotations.Nullable;

/**
 * One V-net as the data path sees it, at one moment. Immutable, but for the tables of flows and fragments and the
 * policy's counters, which live on in the table that follows it, and the directory's table of members.
 *
 * <p>Members of this site are known by their own addresses, those of other sites by the aliases that this site sees.
 */
public final class VnetTable {
    /** No site. */
    public static final int NO_SITE = PrefixTable.NONE;

    private final GatewayConfig.Vnet configured;
    private final int index;
    private final int vni;
    private final long kinds;
    private final boolean isDemanding;
    private final PrefixTable own;
    private final @Nullable MemberTable listed;
    private final PrefixTable remote;
    private final PrefixTranslation[] translationBySite;
    private final BitSet grantedSites;
    private final CompiledPolicy policy;
    private final PolicyCounters policyCounters;
    private final FlowTable flows;
    private final FragmentTable[] fragmentsByWorker;
    private final @Nullable IpAddress gatewayIpv4;
    private final @Nullable IpAddress gatewayIpv6;
    private final boolean isRouter;
    private final int innerMtu;
    private final boolean isFragmented;
    private final int outerDscp;
    private final @Nullable RateLimit[] limitBySite;

    private VnetTable(Builder builder) {
        GatewayConfig.Vnet vnet = builder.vnet;
        VnetTable previous = builder.previous;
        configured = vnet;
        index = builder.index;
        vni = vnet.vni();
        kinds = vnet.tunnelClass().kinds();
        isDemanding = vnet.tunnelClass().isDemanding();
        // What did not change is not built anew, which of a million members would take its time at each reload.
        own = previous != null && previous.configured.members().equals(vnet.members())
                ? previous.own
                : tableOf(vnet.members());
        listed = builder.listed;
        remote = previous != null && previous.configured.remote().equals(vnet.remote())
                ? previous.remote
                : builder.remoteTable();
        translationBySite = builder.translations();
        grantedSites = builder.grantedSites();
        policy = CompiledPolicy.compile(vnet.policy(), previous == null ? null : previous.policy);
        policyCounters = PolicyCounters.following(
                previous == null ? PolicyCounters.NONE : previous.policyCounters, vnet.policy(), builder.workers);
        flows = previous == null
                ? FlowTable.of(vnet.maxFlows(), builder.flowMemory)
                : previous.flows.withMaxFlows(vnet.maxFlows());
        fragmentsByWorker = new FragmentTable[builder.workers];
        for (int worker = 0; worker < builder.workers; worker++) {
            fragmentsByWorker[worker] = previous != null && worker < previous.fragmentsByWorker.length
                    ? previous.fragmentsByWorker[worker]
                    : new FragmentTable(FlowHash.ofProcess());
        }
        gatewayIpv4 = vnet.attachment().ownAddress(true).orElse(null);
        gatewayIpv6 = vnet.attachment().ownAddress(false).orElse(null);
        isRouter = !(vnet.attachment() instanceof GatewayConfig.Tun);
        innerMtu = builder.innerMtu;
        isFragmented = vnet.fragment();
        outerDscp = builder.outerDscp;
        limitBySite = builder.limits();
    }

    /** A builder for the V-net that {@code vnet} configures, which will be at {@code index} of its snapshot. */
    public static Builder builder(int index, GatewayConfig.Vnet vnet) {
        return new Builder(index, vnet);
    }

    private static PrefixTable tableOf(List<Prefix> members) {
        PrefixTable.Builder table = new PrefixTable.Builder();
        members.forEach(prefix -> table.add(prefix, 0));
        return table.build();
    }

    /** Place in the snapshot. */
    public int index() {
        return index;
    }

    /** 24 bits. */
    public int vni() {
        return vni;
    }

    public String name() {
        return configured.name();
    }

    public GatewayConfig.Kind kind() {
        return configured.kind();
    }

    /**
     * Whether the address is one of our members' own: the configuration's, and where the directory is asked, one that
     * it lists, or the gateway's, which is there as long as the gateway is.
     */
    public boolean isOwnMember(long hi, long lo) {
        return own.lookup(hi, lo) != PrefixTable.NONE
                && (listed == null || listed.isJoined(hi, lo) || is(gatewayIpv4, hi, lo) || is(gatewayIpv6, hi, lo));
    }

    /** In which state the directory lists the address; null if not, or if it is not asked. For control. */
    public @Nullable MemberState listedState(IpAddress address) {
        return listed == null ? null : listed.state(address);
    }

    /** Where the directory has the address; null is anywhere, or it is not asked. For control. */
    public @Nullable MemberStation listedStation(IpAddress address) {
        return listed == null ? null : listed.station(address.hi(), address.lo());
    }

    private static boolean is(@Nullable IpAddress address, long hi, long lo) {
        return address != null && address.hi() == hi && address.lo() == lo;
    }

    /** Number of the site whose members we see under the address, or {@link #NO_SITE}. */
    public int remoteSite(long hi, long lo) {
        return remote.lookup(hi, lo);
    }

    /** Whether the site may carry the V-net. */
    public boolean isGranted(int site) {
        return site >= 0 && grantedSites.get(site);
    }

    /** Why the V-net must not travel on {@code association}; null when it may. */
    public @Nullable DropReason refusal(Association association) {
        if (!association.admission().admits(vni, isDemanding)) {
            return DropReason.CLASS_MISMATCH;
        }
        return (kinds & TunnelClass.kindOf(association)) == 0 ? DropReason.BELOW_CLASS : null;
    }

    /** How our members' addresses are seen at a site. */
    public PrefixTranslation translation(int site) {
        return site >= 0 && site < translationBySite.length ? translationBySite[site] : PrefixTranslation.NONE;
    }

    /** Which flows may cross between sites. */
    public CompiledPolicy policy() {
        return policy;
    }

    /** How often its rules decided. */
    public PolicyCounters policyCounters() {
        return policyCounters;
    }

    public FlowTable flows() {
        return flows;
    }

    /** The fragments that a worker sees. */
    public FragmentTable fragments(int worker) {
        return fragmentsByWorker[worker];
    }

    /** The gateway's own IPv4 address in the V-net, if it has one. */
    public @Nullable IpAddress gatewayIpv4() {
        return gatewayIpv4;
    }

    /** The gateway's own IPv6 address in the V-net, if it has one. */
    public @Nullable IpAddress gatewayIpv6() {
        return gatewayIpv6;
    }

    /** The gateway's own address of the family of IP's {@code version}, if it has one. */
    public @Nullable IpAddress gatewayAddress(int version) {
        return version == 4 ? gatewayIpv4 : gatewayIpv6;
    }

    /** Whether the gateway itself is a router on the members' link, rather than the kernel behind its device. */
    public boolean isRouter() {
        return isRouter;
    }

    /** Size of the largest packet that crosses by any path, in bytes. */
    public int innerMtu() {
        return innerMtu;
    }

    /** Size of the largest packet that crosses by {@code association}; null is none yet. */
    public int innerMtu(@Nullable Association association) {
        if (association == null) {
            return innerMtu;
        }
        int fits = association.innerMtu();
        boolean goesInFragments = isFragmented && association.takesFragments();
        return Math.min(innerMtu, goesInFragments ? Math.max(fits, TunnelFragmenter.largestPacket(fits)) : fits);
    }

    /** Whether what is too large for a path goes in fragments of the tunnel, as far as the peer takes these. */
    public boolean isFragmented() {
        return isFragmented;
    }

    /** The DSCP of outer headers, 0 to 63, or {@link OuterTrafficClass#COPY}. */
    public int outerDscp() {
        return outerDscp;
    }

    /** How fast our members may send to a site; null if as fast as they can. */
    public @Nullable RateLimit limit(int site) {
        return site >= 0 && site < limitBySite.length ? limitBySite[site] : null;
    }

    /** One more than the highest number of a site with a limit. */
    public int limitedSites() {
        return limitBySite.length;
    }

    /** What a table is made from. */
    public static final class Builder {
        private final int index;
        private final GatewayConfig.Vnet vnet;
        private List<GatewayConfig.Peer> peers = List.of();
        private ToIntFunction<String> siteNumber = site -> NO_SITE;
        private int innerMtu;
        private int outerDscp = OuterTrafficClass.COPY;
        private int workers = 1;
        private FlowMemory flowMemory = new FlowMemory(Long.MAX_VALUE);
        private @Nullable MemberTable listed;
        private @Nullable VnetTable previous;

        private Builder(int index, GatewayConfig.Vnet vnet) {
            this.index = index;
            this.vnet = vnet;
        }

        /** The configured peers, and the number of each one's site. */
        public Builder peers(List<GatewayConfig.Peer> value, ToIntFunction<String> siteNumberOf) {
            peers = value;
            siteNumber = siteNumberOf;
            return this;
        }

        /** Of the addresses in the configured prefixes only these are members; null is all of them. */
        public Builder listed(@Nullable MemberTable members) {
            listed = members;
            return this;
        }

        /** Size of the largest packet that crosses, in bytes. */
        public Builder innerMtu(int bytes) {
            innerMtu = bytes;
            return this;
        }

        /** The DSCP of outer headers, or {@link OuterTrafficClass#COPY}. */
        public Builder outerDscp(int dscp) {
            outerDscp = dscp;
            return this;
        }

        /** How many workers there are. */
        public Builder workers(int count) {
            workers = count;
            return this;
        }

        /** Where the memory of flows comes from. */
        public Builder flowMemory(FlowMemory memory) {
            flowMemory = memory;
            return this;
        }

        /** The table that this one follows: if it is of the same V-net, by name and VNI, flows go on. */
        public Builder previous(@Nullable VnetTable table) {
            boolean same =
                    table != null && table.vni == vnet.vni() && table.name().equals(vnet.name());
            previous = same ? table : null;
            return this;
        }

        public VnetTable build() {
            return new VnetTable(this);
        }

        private PrefixTable remoteTable() {
            PrefixTable.Builder table = new PrefixTable.Builder();
            for (GatewayConfig.Remote remote : vnet.remote()) {
                int site = siteNumber.applyAsInt(remote.peer());
                remote.prefixes().forEach(prefix -> table.add(prefix, site));
            }
            return table.build();
        }

        private PrefixTranslation[] translations() {
            List<List<PrefixTranslation.Rule>> rulesBySite = new ArrayList<>();
            for (GatewayConfig.Translation translation : vnet.translate()) {
                int site = siteNumber.applyAsInt(translation.peer());
                while (rulesBySite.size() <= site) {
                    rulesBySite.add(new ArrayList<>());
                }
                rulesBySite.get(site).add(new PrefixTranslation.Rule(translation.local(), translation.as()));
            }
            return rulesBySite.stream().map(PrefixTranslation::of).toArray(PrefixTranslation[]::new);
        }

        /** A limit that was there before goes on with what it owes. */
        private @Nullable RateLimit[] limits() {
            int sites = vnet.limits().stream()
                    .mapToInt(limit -> siteNumber.applyAsInt(limit.peer()) + 1)
                    .max()
                    .orElse(0);
            @Nullable RateLimit[] bySite = new RateLimit[sites];
            for (GatewayConfig.Limit limit : vnet.limits()) {
                int site = siteNumber.applyAsInt(limit.peer());
                RateLimit known = previous == null ? null : previous.limit(site);
                RateLimit next = known == null ? new RateLimit(limit.bitsPerSecond(), workers) : known;
                next.setBitsPerSecond(limit.bitsPerSecond());
                bySite[site] = next;
            }
            return bySite;
        }

        private BitSet grantedSites() {
            BitSet granted = new BitSet();
            for (GatewayConfig.Peer peer : peers) {
                if (peer.vnets().contains(vnet.name())) {
                    granted.set(siteNumber.applyAsInt(peer.site()));
                }
            }
            return granted;
        }
    }
}
