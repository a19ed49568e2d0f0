package net.vgate.config;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;
import net.vgate.record.AeadAlgorithm;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.TunnelClass;

/**
 * A whole configuration file, checked: what refers to something refers to something that is there. Defaults are filled
 * in. Paths are absolute, resolved against the file's folder.
 *
 * @param file where it was read from
 * @param site this gateway's site
 * @param gateway this gateway's name within its site
 * @param directory the file of the embedded directory
 * @param workers threads that move packets; empty is as many as suit the machine
 */
public record GatewayConfig(
        Path file,
        String site,
        String gateway,
        Identity identity,
        Listen listen,
        TunnelSettings tunnel,
        List<Peer> peers,
        Optional<Proxy> proxy,
        List<RelayGrant> relay,
        Optional<Path> directory,
        List<Vnet> vnets,
        Optional<Integer> workers,
        Offloads offloads,
        Crypto crypto,
        Observe observe,
        Control control) {
    public GatewayConfig {
        peers = List.copyOf(peers);
        relay = List.copyOf(relay);
        vnets = List.copyOf(vnets);
    }

    /**
     * Who this gateway is: PEM files; the certificate file may hold a chain, {@code trust} holds authorities,
     * {@code revoked} their revocation lists.
     *
     * @param contents by file, what its certificates were when the configuration was read, in words that tell them from
     *     others; a file that was not looked at is not in it
     */
    public record Identity(
            Path certificate, Path key, List<Path> trust, List<Path> revoked, Map<Path, String> contents) {
        public Identity {
            trust = List.copyOf(trust);
            revoked = List.copyOf(revoked);
            contents = Map.copyOf(contents);
        }
    }

    /**
     * Where peers reach this gateway.
     *
     * @param udp one or more, up to {@link #MAX_UDP}, each once
     */
    public record Listen(List<InetSocketAddress> udp, Optional<InetSocketAddress> tcp) {
        /** Each is a socket of every worker. */
        public static final int MAX_UDP = DatagramPort.MAX_ADDRESSES;

        public Listen {
            udp = List.copyOf(udp);
        }

        /** Whether any of our sockets is of the family of {@code address}: they reach no other. */
        public boolean reaches(InetAddress address) {
            return udp.stream()
                    .anyMatch(own -> own.getAddress() instanceof Inet4Address == address instanceof Inet4Address);
        }

        /** Whether all of our sockets are of IPv6. */
        public boolean isIpv6Only() {
            return udp.stream().allMatch(own -> own.getAddress() instanceof Inet6Address);
        }

        /** Whether any of our sockets is of IPv6. */
        public boolean hasIpv6() {
            return udp.stream().anyMatch(own -> own.getAddress() instanceof Inet6Address);
        }
    }

    /** The HTTP proxy that TCP goes through; {@code credentials} is a file with a line USER:PASSWORD. */
    public record Proxy(Endpoint http, Optional<Path> credentials) {}

    /**
     * How tunnels are kept, all of them alike.
     *
     * @param pathMtuBytes size of the largest outer IP packet that a path may carry
     * @param probesPathMtu whether each path is probed for what it does carry
     * @param dscp of outer headers, 0 to 63; empty takes the inner packet's
     * @param rekeyAfter age at which an association is replaced
     * @param rekeyAfterBytes payload bytes, either direction
     * @param rekeyAfterRecords records, either direction
     * @param livenessEvery time between echo requests
     * @param livenessLost after how many unanswered ones the peer counts as gone
     */
    public record TunnelSettings(
            int pathMtuBytes,
            boolean probesPathMtu,
            Optional<Integer> dscp,
            Duration rekeyAfter,
            long rekeyAfterBytes,
            long rekeyAfterRecords,
            Duration livenessEvery,
            int livenessLost,
            HandshakeRates handshakes) {}

    /**
     * What others may ask of us.
     *
     * @param hellosPerSecond ClientHellos, each of configured sources and of all others
     * @param hellosPerSource of one that is not configured
     * @param strangersPerSecond handshakes of sources that are not configured
     */
    public record HandshakeRates(int hellosPerSecond, int hellosPerSource, int strangersPerSecond) {}

    /** This gateway may join gateways of two sites, each of which has asked for it. */
    public record RelayGrant(String one, String other) {}

    /**
     * A remote site: its gateways, and all V-nets that it may ever carry, by name.
     *
     * @param relays sites by way of whose gateways it may be reached, in order of preference
     */
    public record Peer(String site, List<PeerGateway> gateways, List<String> relays, List<String> vnets) {
        /** The data path keeps sets of them as the bits of a long. */
        public static final int MAX_GATEWAYS = Long.SIZE;

        public Peer {
            gateways = List.copyOf(gateways);
            relays = List.copyOf(relays);
            vnets = List.copyOf(vnets);
        }

        /** Without relays. */
        public Peer(String site, List<PeerGateway> gateways, List<String> vnets) {
            this(site, gateways, List.of(), vnets);
        }
    }

    /**
     * A gateway of a remote site; without an address it must come to us.
     *
     * @param udp where it may be, in order of preference
     * @param priority the lower, the sooner flows go there
     * @param weight its share of the flows among gateways of the same priority, at least 1
     * @param roams whether it may move to another address while its tunnel is up
     * @param psk file of the key that it shares with us; empty, and it has a certificate
     */
    public record PeerGateway(
            String name,
            List<Endpoint> udp,
            Optional<Endpoint> tcp,
            int priority,
            int weight,
            boolean roams,
            Optional<Path> psk) {
        public PeerGateway {
            udp = List.copyOf(udp);
        }
    }

    /**
     * A V-net and this site's part in it.
     *
     * @param vni 1 to 2^24 - 1
     * @param members a {@link PrefixList}
     * @param policyLines of each rule, its line in the file; empty for one of no file
     * @param maxFlows bound of the V-net's flow table
     * @param tunnelClass what it demands of the tunnels that carry it
     * @param limits one for a site at most
     * @param fragment whether what is larger than a path crosses it in fragments of the tunnel
     * @param isListed whether only those of the members count that the directory lists
     * @param addressLines where the members and what is known of remote ones are written
     */
    public record Vnet(
            String name,
            int vni,
            Kind kind,
            Attachment attachment,
            List<Prefix> members,
            List<Translation> translate,
            List<Remote> remote,
            List<PolicyRule> policy,
            List<Integer> policyLines,
            int maxFlows,
            TunnelClass tunnelClass,
            List<Limit> limits,
            boolean fragment,
            boolean isListed,
            AddressLines addressLines) {
        public Vnet {
            members = PrefixList.copyOf(members);
            translate = List.copyOf(translate);
            remote = List.copyOf(remote);
            policy = List.copyOf(policy);
            policyLines = List.copyOf(policyLines);
            limits = List.copyOf(limits);
        }

        /** Every address of {@code members} is a member; of no file. */
        public Vnet(
                String name,
                int vni,
                Kind kind,
                Attachment attachment,
                List<Prefix> members,
                List<Translation> translate,
                List<Remote> remote,
                List<PolicyRule> policy,
                List<Integer> policyLines,
                int maxFlows,
                TunnelClass tunnelClass,
                List<Limit> limits,
                boolean fragment) {
            this(
                    name,
                    vni,
                    kind,
                    attachment,
                    members,
                    translate,
                    remote,
                    policy,
                    policyLines,
                    maxFlows,
                    tunnelClass,
                    limits,
                    fragment,
                    false,
                    AddressLines.NONE);
        }

        /** That, and of no file, of the default class, without limits and fragments. */
        public Vnet(
                String name,
                int vni,
                Kind kind,
                Attachment attachment,
                List<Prefix> members,
                List<Translation> translate,
                List<Remote> remote,
                List<PolicyRule> policy,
                int maxFlows) {
            this(
                    name,
                    vni,
                    kind,
                    attachment,
                    members,
                    translate,
                    remote,
                    policy,
                    List.of(),
                    maxFlows,
                    TunnelClass.DEFAULT,
                    List.of(),
                    false);
        }
    }

    /**
     * Lines of the file, of each prefix of {@link Vnet#members}, of each rule of {@link Vnet#translate} and of each
     * prefix of each {@link Vnet#remote}. A list of more than {@link #MOST} prefixes has the line of its first only.
     */
    public record AddressLines(List<Integer> members, List<Integer> translate, List<List<Integer>> remote) {
        /** So that a million members need no memory for it. */
        public static final int MOST = 4_096;

        /** Of no file. */
        public static final AddressLines NONE = new AddressLines(List.of(), List.of(), List.of());

        public AddressLines {
            members = List.copyOf(members);
            translate = List.copyOf(translate);
            remote = remote.stream().map(List::copyOf).toList();
        }

        /** The line of what is at {@code index} of the list that {@code lines} are of; empty if it is not known. */
        public static Optional<Integer> line(List<Integer> lines, int index) {
            return index < lines.size()
                    ? Optional.of(lines.get(index))
                    : lines.stream().findFirst();
        }
    }

    /** What the V-net joins: IP hosts, or Ethernet segments. */
    public enum Kind {
        L3,
        L2
    }

    /** Where the members of a V-net are attached. */
    public sealed interface Attachment permits Tun, Tap, Vtep {
        /** The interface's name, 1 to 15 bytes; or the VTEP port's. */
        String device();

        /** Name of the network namespace; empty is the gateway's own. */
        Optional<String> netns();

        /** Inner MTU; empty takes it from the path's. */
        Optional<Integer> mtu();

        /** The gateway's own addresses in the V-net, at most one of each family. */
        List<IpAddress> ownAddresses();

        /** The gateway's own address of a family in the V-net. */
        default Optional<IpAddress> ownAddress(boolean ipv4) {
            return ownAddresses().stream()
                    .filter(address -> address.isIpv4() == ipv4)
                    .findFirst();
        }
    }

    /**
     * A TUN device as attachment.
     *
     * @param addresses the gateway's own, as prefixes of their full length
     * @param sharedNetns whether another V-net may have a device in the same namespace
     */
    public record Tun(
            String device, Optional<String> netns, List<Prefix> addresses, boolean sharedNetns, Optional<Integer> mtu)
            implements Attachment {
        public Tun {
            addresses = List.copyOf(addresses);
        }

        @Override
        public List<IpAddress> ownAddresses() {
            return addresses.stream().map(Prefix::network).toList();
        }
    }

    /**
     * A TAP device as attachment, on whose link the gateway is a router.
     *
     * @param bridge Linux bridge that the device becomes a port of; empty leaves that to somebody else
     * @param addresses the gateway's own, and the prefixes on the link; all members are in one of these
     * @param mac the gateway's own Ethernet address
     */
    public record Tap(
            String device,
            Optional<String> netns,
            Optional<String> bridge,
            List<InterfaceAddress> addresses,
            MacAddress mac,
            Optional<Integer> mtu)
            implements Attachment {
        public Tap {
            addresses = List.copyOf(addresses);
        }

        @Override
        public List<IpAddress> ownAddresses() {
            return addresses.stream().map(InterfaceAddress::address).toList();
        }
    }

    /**
     * A part of a VTEP port as attachment, by which the gateway is a router on the V-net's link.
     *
     * @param port which other V-nets may share
     * @param vni by which the data center's switches call the V-net, 24 bits
     * @param locators of the switches that may speak for the V-net, at least one
     * @param addresses the gateway's own, and the prefixes on the link; all members are in one of these
     * @param mac the gateway's own Ethernet address
     */
    public record Vtep(
            VtepEndpoint port,
            int vni,
            List<IpAddress> locators,
            List<InterfaceAddress> addresses,
            MacAddress mac,
            Optional<Integer> mtu)
            implements Attachment {
        public Vtep {
            locators = List.copyOf(locators);
            addresses = List.copyOf(addresses);
        }

        @Override
        public String device() {
            return port.name();
        }

        @Override
        public Optional<String> netns() {
            return Optional.empty();
        }

        @Override
        public List<IpAddress> ownAddresses() {
            return addresses.stream().map(InterfaceAddress::address).toList();
        }
    }

    /** Members in {@code local} are seen by site {@code peer} as {@code as}, host bits kept; equal lengths, IPv4. */
    public record Translation(String peer, Prefix local, Prefix as) {}

    /** How fast our members may send to site {@code peer}, all together; inner packets, headers included. */
    public record Limit(String peer, long bitsPerSecond) {}

    /**
     * Members at site {@code peer}, as we see them.
     *
     * @param targets members one of which must answer for the peer's gateway to be any good; empty is not to ask
     */
    public record Remote(String peer, List<Prefix> prefixes, List<IpAddress> targets) {
        public Remote {
            prefixes = PrefixList.copyOf(prefixes);
            targets = List.copyOf(targets);
        }

        /** Members of whom none is asked. */
        public Remote(String peer, List<Prefix> prefixes) {
            this(peer, prefixes, List.of());
        }
    }

    /**
     * Permits flows that start in one direction, and their answers.
     *
     * @param protocol IANA number, or empty for any
     * @param members our members' side, by their own addresses; empty is all
     * @param remote the other side, as we see it; empty is all
     * @param ports destination ports, for TCP and UDP; empty is all
     * @param stateless whether answers are known by their addresses and ports alone, so that they may come another way
     */
    public record PolicyRule(
            Direction direction,
            Optional<Integer> protocol,
            Optional<Prefix> members,
            Optional<Prefix> remote,
            List<PortRange> ports,
            boolean stateless) {
        public PolicyRule {
            ports = List.copyOf(ports);
        }

        /** As the file has it. */
        @Override
        public String toString() {
            boolean isOut = direction == Direction.OUT;
            StringBuilder text = new StringBuilder(isOut ? "{out: " : "{in: ").append(PolicyForms.text(protocol));
            (isOut ? members : remote)
                    .ifPresent(prefix -> text.append(", from: ").append(prefix));
            (isOut ? remote : members).ifPresent(prefix -> text.append(", to: ").append(prefix));
            if (!ports.isEmpty()) {
                text.append(", ports: ").append(ports);
            }
            if (stateless) {
                text.append(", stateless: true");
            }
            return text.append('}').toString();
        }
    }

    /** Where a flow starts. */
    public enum Direction {
        OUT,
        IN
    }

    /** Ports from {@code first} to {@code last}, both included. */
    public record PortRange(int first, int last) {
        /** As the file has it. */
        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }

    /**
     * How records are protected.
     *
     * @param ciphers what is offered and accepted, the preferred one first; at least one
     */
    public record Crypto(AeadProvider aead, List<AeadAlgorithm> ciphers) {
        public Crypto {
            ciphers = List.copyOf(ciphers);
        }
    }

    /** Who computes AES-GCM. */
    public enum AeadProvider {
        /** The fastest that the machine has. */
        AUTO,
        IPSEC_MB,
        SUNJCE;

        /** As the file writes it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Where metrics and health are served; empty is nowhere. */
    public record Observe(Optional<InetSocketAddress> http) {}

    /** The admin socket. */
    public record Control(Path socket) {}
}
