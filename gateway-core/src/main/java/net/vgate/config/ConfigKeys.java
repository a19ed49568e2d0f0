package net.vgate.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.vgate.config.GatewayConfig.AeadProvider;
import net.vgate.config.GatewayConfig.Kind;
import net.vgate.config.GatewayConfig.Listen;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.Prefix;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Steering;

/** Every key of the file: the reader reads by this table, and the reference is printed from it. */
final class ConfigKeys {
    static final Key<Path> CERTIFICATE = Key.required(
            "certificate",
            Forms.path(),
            "This gateway's certificate, PEM, followed by those of intermediate authorities if there are any; its"
                    + " subject alternative name is `vgate://SITE/GATEWAY`");
    static final Key<Path> PRIVATE_KEY = Key.required(
            "key",
            Forms.path(),
            "The certificate's private key, PEM (PKCS #8, not encrypted; ECDSA, Ed25519 or RSA), readable by its owner and"
                    + " root's group only");
    static final Key<List<Located<Path>>> TRUST = Key.required(
            "trust", Forms.oneOrMore(Forms.path()), "Certificates of the authorities that peers' must come from, PEM");
    static final Key<List<Located<Path>>> REVOKED = Key.optional(
            "revoked",
            Forms.oneOrMore(Forms.path()),
            "nobody is revoked",
            "Revocation lists of these authorities, PEM or DER (`vgate pki revoke` writes them): who is on one is not let"
                    + " in, and a reload disconnects it. A list counts whatever its age, also after the date by which its"
                    + " authority meant to write the next one, of which `vgate check` warns");
    static final Section IDENTITY_KEYS =
            Section.of("Who this gateway is, and whom it believes", CERTIFICATE, PRIVATE_KEY, TRUST, REVOKED);

    static final Key<List<Located<InetSocketAddress>>> LISTEN_UDP = Key.required(
                    "udp",
                    Forms.oneOrMore(AddressForms.listening()),
                    "Where tunnels of peers arrive: one UDP port for all of them, or up to " + Listen.MAX_UDP
                            + ", on the addresses of several uplinks or on several ports; calls to peers go out from"
                            + " each of these addresses")
            .changing(Effect.RESTART);
    static final Key<InetSocketAddress> LISTEN_TCP = Key.optional(
                    "tcp", AddressForms.listening(), "no TCP", "Where tunnels arrive from peers whose UDP is blocked")
            .changing(Effect.RESTART);
    static final Section LISTEN_KEYS = Section.of("Where peers reach this gateway", LISTEN_UDP, LISTEN_TCP);

    static final Key<Boolean> TSO =
            offload("tso", "TUN and TAP interfaces hand in TCP segments of up to 64 KiB, cut here");
    static final Key<Boolean> USO =
            offload("uso", "TUN and TAP interfaces hand in many UDP datagrams as one, cut here");
    static final Key<Boolean> MERGE =
            offload("merge", "Received packets of a flow are handed to TUN and TAP interfaces as one");
    static final Key<Boolean> UDP_SEGMENT = offload("udp-segment", "The kernel is handed many records as one");
    static final Key<Boolean> UDP_GRO = offload("udp-gro", "The kernel hands in many records as one");
    static final Key<Boolean> PARTIAL_CHECKSUMS = offload(
            "partial-checksums", "TCP and UDP checksums that a kernel left to be made stay so between gateways");
    static final Section OFFLOAD_KEYS = Section.of(
            "Which off-loads are used where the kernel has them. None of them changes what a member receives",
            TSO,
            USO,
            MERGE,
            UDP_SEGMENT,
            UDP_GRO,
            PARTIAL_CHECKSUMS);

    static final Key<Duration> REKEY_AFTER = Key.withDefault(
            "after",
            QuantityForms.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            "1h",
            "Age at which an association is replaced by a new one");
    // AES-GCM keeps an attacker's advantage below 2^-60 up to 2^34.5 blocks of one key (RFC 8446 section 5.5 puts it as
    // 2^24.5 records of 2^10 blocks): 2^38.5 bytes. What may be written stays below that, the default a quarter of it.
    static final Key<Long> REKEY_BYTES = Key.withDefault(
            "bytes",
            QuantityForms.size(1 << 20, 1L << 38),
            "64GiB",
            "Payload, in either direction, after which an association is replaced");
    static final Key<Long> REKEY_RECORDS = Key.withDefault(
            "records",
            Forms.count(1_000, 1L << 28),
            "67108864",
            "Records, in either direction, after which an association is replaced");
    static final Section REKEY_KEYS =
            Section.of("When keys are replaced: whichever comes first", REKEY_AFTER, REKEY_BYTES, REKEY_RECORDS);

    static final Key<Duration> LIVENESS_EVERY = Key.withDefault(
            "every",
            QuantityForms.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
            "1s",
            "Time between two echo requests inside a tunnel");
    static final Key<Integer> LIVENESS_LOST = Key.withDefault(
            "lost", Forms.integer(2, 100), "3", "After how many unanswered ones in a row the peer counts as gone");
    static final Section LIVENESS_KEYS =
            Section.of("How it is noticed that a peer is gone", LIVENESS_EVERY, LIVENESS_LOST);

    static final Key<Integer> HELLOS = Key.withDefault(
                    "hellos-per-second",
                    Forms.integer(10, 1_000_000),
                    "5000",
                    "ClientHellos that are looked into, of peers at configured addresses; and as many of all others. What is"
                            + " beyond that is dropped as `rate_limited` before anything is computed for it; of the"
                            + " configured addresses one gets half of it at most")
            .changing(Effect.RESTART);
    static final Key<Integer> HELLOS_PER_SOURCE = Key.withDefault(
                    "hellos-per-source",
                    Forms.integer(2, 1_000_000),
                    "50",
                    "How many of them from one source that is not configured, an IPv4 address or an IPv6 /64")
            .changing(Effect.RESTART);
    static final Key<Integer> STRANGERS = Key.withDefault(
                    "strangers-per-second",
                    Forms.integer(1, 100_000),
                    "50",
                    "Handshakes that sources begin which are not configured; each costs some milliseconds of a processor")
            .changing(Effect.RESTART);
    static final Section HANDSHAKE_KEYS = Section.of(
            "How many handshakes others may begin; those of peers at configured addresses have a share of their own",
            HELLOS,
            HELLOS_PER_SOURCE,
            STRANGERS);

    static final Key<Integer> PATH_MTU = Key.withDefault(
                    "path-mtu",
                    Forms.integer(1_280, 65_535),
                    "1500",
                    "Bytes of the largest outer IP packet that a path to a peer may carry; V-nets' MTU follows from it")
            .changing(Effect.RESTART);
    static final Key<Boolean> PROBE_PATH_MTU = Key.withDefault(
            "probe-path-mtu",
            Forms.flag(),
            "true",
            "Whether each path is probed for what it does carry, and packets are kept to that; if not, every path has to carry `path-mtu`");
    static final Key<Optional<Integer>> DSCP = Key.withDefault(
            "dscp",
            TrafficForms.outerDscp(),
            "copy",
            "DSCP of outer packets that carry members' packets: `copy` takes theirs, so that what networks in between"
                    + " do for voice or backups goes on to be done (but CS6 and CS7, which are the networks' own, become"
                    + " 0); a fixed one shows them nothing. Everything else that gateways send each other has 0");
    static final Key<Fields> REKEY = Key.withDefault("rekey", REKEY_KEYS, "", "");
    static final Key<Fields> LIVENESS = Key.withDefault("liveness", LIVENESS_KEYS, "", "");
    static final Key<Fields> HANDSHAKE =
            Key.withDefault("handshake", HANDSHAKE_KEYS, "", "").changing(Effect.RESTART);
    static final Section TUNNEL_KEYS = Section.of(
            "How tunnels are kept, all of them alike", PATH_MTU, PROBE_PATH_MTU, DSCP, REKEY, LIVENESS, HANDSHAKE);

    static final Key<String> PEER_GATEWAY_NAME =
            Key.required("name", Forms.name(), "The peer gateway's name; its certificate says `vgate://SITE/NAME`");
    static final Key<Integer> PEER_GATEWAY_PRIORITY = Key.optional(
            "priority",
            Forms.integer(0, 65_535),
            "its place in the list, from 0",
            "Flows go to the gateways of the lowest priority that can be reached");
    static final Key<Integer> PEER_GATEWAY_WEIGHT = Key.withDefault(
            "weight",
            Forms.integer(1, 65_535),
            "1",
            "Its share of the flows, among gateways of the same `priority`; a flow keeps to one");
    static final Key<List<Located<Endpoint>>> PEER_GATEWAY_UDP = Key.optional(
            "udp",
            Forms.oneOrMore(AddressForms.destination()),
            "it must come to us",
            "Where the gateway is reached: an address or a name, or several; all addresses of a name count. Names are"
                    + " looked up at the start and at a reload, every 30 s, and sooner while the peer is away");
    static final Key<Endpoint> PEER_GATEWAY_TCP = Key.optional(
            "tcp",
            AddressForms.destination(),
            "no TCP",
            "Where it is reached when UDP is blocked; a name is looked up for each connection");
    static final Key<Boolean> PEER_GATEWAY_ROAMING = Key.optional(
            "roaming",
            Forms.flag(),
            "true for a gateway without `udp`, else false",
            "Whether the tunnel follows when the gateway is seen at another address and answers there, and no longer where it was");
    static final Key<Path> PEER_GATEWAY_PSK = Key.optional(
            "psk",
            Forms.path(),
            "by certificate",
            "File of a key that this gateway and the peer share and by which they know each other, in place of"
                    + " certificates: 64 hexadecimal digits at least, readable by its owner and root's group only;"
                    + " `vgate pki psk` makes one");
    static final Section PEER_GATEWAY_KEYS = Section.of(
            "One gateway of the site",
            PEER_GATEWAY_NAME,
            PEER_GATEWAY_UDP,
            PEER_GATEWAY_TCP,
            PEER_GATEWAY_PRIORITY,
            PEER_GATEWAY_WEIGHT,
            PEER_GATEWAY_ROAMING,
            PEER_GATEWAY_PSK);

    static final Key<String> PEER_SITE = Key.required("site", Forms.name(), "The other site's name");
    static final Key<List<Located<Fields>>> PEER_GATEWAYS = Key.required(
            "gateways",
            Forms.listOf(PEER_GATEWAY_KEYS, 1),
            "Its gateways, in order of preference unless `priority` says otherwise");
    static final Key<List<Located<String>>> PEER_VNETS = Key.required(
            "vnets",
            Forms.listOf(Forms.name(), 0),
            "All V-nets that this site may ever carry, by name; no other is accepted");
    static final Key<List<Located<String>>> PEER_RELAYS = Key.optional(
            "relays",
            Forms.oneOrMore(Forms.name()),
            "it is reached directly or not at all",
            "Sites whose gateways may pass on what this one and that one send each other, in order of preference: all of"
                    + " it stays sealed between the two. They also tell each end where they see the other, so that a"
                    + " direct path is found behind NAT. The other site has to name the relay as well, and the relay to"
                    + " grant the pair by `relay`");
    static final Section PEER_KEYS =
            Section.of("A site that this one is paired with", PEER_SITE, PEER_GATEWAYS, PEER_RELAYS, PEER_VNETS);

    static final Key<List<Located<String>>> RELAY_BETWEEN = Key.required(
            "between",
            Forms.listOf(Forms.name(), 0),
            "Two of the peers, whose gateways may reach each other by way of this gateway");
    static final Section RELAY_KEYS = Section.of(
            "Whom this gateway relays between, and tells where it sees the other. Nobody else is passed on",
            RELAY_BETWEEN);

    static final Key<Endpoint> PROXY_HTTP = Key.required(
            "http", AddressForms.destination(), "The proxy, which is asked by CONNECT for a way to each peer's `tcp`");
    static final Key<Path> PROXY_CREDENTIALS = Key.optional(
            "credentials",
            Forms.path(),
            "none",
            "File with one line `USER:PASSWORD` for Basic authentication, read for each connection");
    static final Section PROXY_KEYS =
            Section.of("The HTTP proxy that stands before TCP", PROXY_HTTP, PROXY_CREDENTIALS);

    static final Key<String> CLASS_NAME = Key.required("name", Forms.name(), "Name of the class, at this gateway");
    static final Key<List<Located<AeadAlgorithm>>> CLASS_CIPHERS = Key.optional(
            "ciphers",
            Forms.oneOrMore(ciphers()),
            "any",
            "What records that carry these V-nets may be protected by. What all classes in use accept is preferred in"
                    + " handshakes, before the order of `crypto.ciphers`");
    static final Key<Boolean> CLASS_LEAST_RUNG = Key.withDefault(
            "least-rung",
            Forms.choice(Map.of("udp", true, "tcp", false)),
            "tcp",
            "With `udp`, these V-nets travel over UDP only and stop where it is blocked; with `tcp`, they go on over TCP");
    static final Key<Boolean> CLASS_PROTECTED_LEGS = Key.withDefault(
            "protected-legs",
            Forms.flag(),
            "false",
            "Whether these V-nets may not travel in clear inside the data center either: no `vtep` attaches them");
    static final Section CLASS_KEYS = Section.of(
            "What V-nets demand of tunnels. What does not meet it carries none of their packets, in either direction",
            CLASS_NAME,
            CLASS_CIPHERS,
            CLASS_LEAST_RUNG,
            CLASS_PROTECTED_LEGS);

    static final Key<String> TRANSLATE_PEER =
            Key.required("peer", Forms.name(), "The site that sees the members by other addresses");
    static final Key<Prefix> TRANSLATE_LOCAL =
            Key.required("local", AddressForms.prefix(), "Members' own addresses, IPv4");
    static final Key<Prefix> TRANSLATE_AS = Key.required(
            "as", AddressForms.prefix(), "The addresses by which the site sees them: as many, host part kept");
    static final Section TRANSLATE_KEYS = Section.of(
            "One rule serves both directions, the inner header of ICMP errors included",
            TRANSLATE_PEER,
            TRANSLATE_LOCAL,
            TRANSLATE_AS);

    static final Key<String> REMOTE_PEER = Key.required("peer", Forms.name(), "The site that has the members");
    static final Key<List<Located<Prefix>>> REMOTE_PREFIXES = Key.required(
            "prefixes",
            Forms.listOf(AddressForms.prefix(), 1),
            "Their addresses, as this site sees them: routes to the site, and the only sources accepted from it");
    static final Key<List<Located<Prefix>>> REMOTE_TARGETS = Key.optional(
            "targets",
            Forms.oneOrMore(AddressForms.host()),
            "nobody is asked",
            "Members that answer pings, as this site sees them: while none does by way of one of the site's gateways,"
                    + " flows take another. They are asked from the gateway's own address in the V-net; the policy at the"
                    + " other end has to permit it");
    static final Section REMOTE_KEYS =
            Section.of("Members at another site", REMOTE_PEER, REMOTE_PREFIXES, REMOTE_TARGETS);

    static final Key<Optional<Integer>> RULE_OUT = Key.optional(
            "out", PolicyForms.protocol(), "the rule says `in`", "Protocol of flows that our members start");
    static final Key<Optional<Integer>> RULE_IN = Key.optional(
            "in", PolicyForms.protocol(), "the rule says `out`", "Protocol of flows that remote members start");
    static final Key<Prefix> RULE_FROM = Key.optional(
            "from", AddressForms.match(), "all", "Who starts them: our members after `out`, remote members after `in`");
    static final Key<Prefix> RULE_TO = Key.optional(
            "to", AddressForms.match(), "all", "To whom: remote members after `out`, our members after `in`");
    static final Key<List<Located<PortRange>>> RULE_PORTS =
            Key.optional("ports", Forms.oneOrMore(PolicyForms.ports()), "all", "Destination ports, with tcp and udp");
    static final Key<Boolean> RULE_STATELESS = Key.withDefault(
            "stateless",
            Forms.flag(),
            "false",
            "Whether answers are known by addresses and ports alone: for flows whose two directions go by different"
                    + " gateways. Anybody at the other end may then send what looks like an answer");
    static final Section RULE_KEYS = Section.of(
            "Permits flows and their answers. Our members are named by their own addresses, remote members by those that"
                    + " this site sees. What no rule permits is dropped between sites",
            RULE_OUT,
            RULE_IN,
            RULE_FROM,
            RULE_TO,
            RULE_PORTS,
            RULE_STATELESS);

    static final Key<Integer> TEST_OUT = Key.optional(
            "out",
            PolicyForms.oneProtocol(),
            "the test says `in`",
            "Protocol of a flow that one of our members starts");
    static final Key<Integer> TEST_IN = Key.optional(
            "in", PolicyForms.oneProtocol(), "the test says `out`", "Protocol of a flow that a remote member starts");
    static final Key<Prefix> TEST_FROM = Key.required(
            "from", AddressForms.host(), "Who starts it: one of our members after `out`, a remote one after `in`");
    static final Key<Prefix> TEST_TO =
            Key.required("to", AddressForms.host(), "To whom: a remote member after `out`, one of ours after `in`");
    static final Key<Integer> TEST_PORT = Key.optional(
            "port",
            Forms.integer(1, 65_535),
            "the protocol has none; required with tcp and udp",
            "Its destination port, with tcp and udp");
    static final Key<Boolean> TEST_EXPECT = Key.required(
            "expect",
            Forms.choice(Map.of("permit", true, "deny", false)),
            "Whether `policy` permits the flow to start");
    static final Section TEST_KEYS = Section.of(
            "What `policy` has to say of a flow: one that it answers otherwise is an error, for `vgate check` as for a"
                    + " start or a reload. Addresses are named as in rules. Nothing is sent, and the other site's policy,"
                    + " which has a say as well, is not asked",
            TEST_OUT,
            TEST_IN,
            TEST_FROM,
            TEST_TO,
            TEST_PORT,
            TEST_EXPECT);

    static final Key<String> LIMIT_PEER = Key.required("peer", Forms.name(), "The site that they send to");
    static final Key<Long> LIMIT_RATE = Key.required(
            "rate",
            QuantityForms.bitRate(64_000, 1_000_000_000_000L),
            "How much all of them together, packets' own bytes with their IP headers");
    static final Section LIMIT_KEYS = Section.of(
            "How fast our members may send to a site. What is more waits, in three classes by DSCP: CS5, VA, EF, CS6 and"
                    + " CS7 go first, CS1 and LE last. Who sends too much for too long is marked (ECN) or dropped as"
                    + " `shaped`",
            LIMIT_PEER,
            LIMIT_RATE);

    static final Key<String> VNET_NAME = Key.required("name", Forms.name(), "Name of the V-net, for people");
    static final Key<Integer> VNI =
            Key.required("vni", Forms.integer(1, (1 << 24) - 1), "Its number in the tunnels, the same at all sites");
    static final Key<Kind> KIND = Key.withDefault(
                    "kind",
                    Forms.choice(Map.of("l3", Kind.L3, "l2", Kind.L2)),
                    "l3",
                    "What it joins: `l3` IP hosts; `l2` is for Ethernet segments and not available in this version")
            .changing(Effect.DEVICE);
    static final Key<Fields> ATTACH =
            Key.required("attach", AttachmentKeys.ATTACH_KEYS, "").changing(Effect.DEVICE);
    static final Key<List<Located<Prefix>>> MEMBERS = Key.required(
            "members",
            Forms.listOf(AddressForms.prefix(), 1),
            "Our members' own addresses; no other source is let out");
    static final Key<Boolean> MEMBERSHIP = Key.withDefault(
            "membership",
            Forms.choice(Map.of("prefixes", false, "directory", true)),
            "prefixes",
            "Who is a member: with `prefixes` every address of `members`; with `directory` those of them that `vgate member"
                    + " add` has listed, so that nothing is taken from any other address, and nothing delivered to it");
    static final Key<List<Located<Fields>>> TRANSLATE =
            Key.optional("translate", Forms.listOf(TRANSLATE_KEYS, 0), "members are seen by their own addresses", "");
    static final Key<List<Located<Fields>>> REMOTE =
            Key.optional("remote", Forms.listOf(REMOTE_KEYS, 0), "no other site has members", "");
    static final Key<List<Located<Fields>>> POLICY =
            Key.optional("policy", Forms.listOf(RULE_KEYS, 0), "nothing passes between sites", "");
    static final Key<List<Located<Fields>>> POLICY_TESTS =
            Key.optional("policy-tests", Forms.listOf(TEST_KEYS, 0), "nothing is tested", "");
    static final Key<Integer> MAX_FLOWS = Key.withDefault(
            "max-flows",
            Forms.integer(1, 1 << 24),
            "65536",
            "Flows that policy keeps in mind for this V-net; a new one above that is dropped");
    static final Key<String> VNET_CLASS = Key.optional(
            "class",
            Forms.name(),
            "nothing is demanded of tunnels",
            "Name of one of `classes`: what the V-net demands of the tunnels that carry it. The other site has to demand the"
                    + " same; else the V-net is not carried");
    static final Key<Boolean> FRAGMENT = Key.withDefault(
            "fragment",
            Forms.flag(),
            "false",
            "Whether packets that a path does not carry whole cross it in fragments of the tunnel, in place of being answered"
                    + " with packet-too-big: for members that use full 1,500-byte packets whatever is in between. To be set"
                    + " at both sites; costs a record more for each such packet");
    static final Key<List<Located<Fields>>> LIMIT =
            Key.optional("limit", Forms.listOf(LIMIT_KEYS, 0), "members send as fast as they can", "");
    static final Section VNET_KEYS = Section.of(
            "A V-net and this site's part in it",
            VNET_NAME,
            VNI,
            KIND,
            VNET_CLASS,
            ATTACH,
            MEMBERS,
            MEMBERSHIP,
            TRANSLATE,
            REMOTE,
            POLICY,
            POLICY_TESTS,
            MAX_FLOWS,
            FRAGMENT,
            LIMIT);

    static final Key<AeadProvider> AEAD = Key.withDefault(
                    "aead",
                    Forms.choice(Stream.of(AeadProvider.values())
                            .collect(Collectors.toMap(AeadProvider::label, Function.identity()))),
                    "auto",
                    "Who computes AES-GCM: `ipsec-mb` is the library of Debian's package libipsec-mb1 or libipsec-mb2, `sunjce` the JDK,"
                            + " `auto` the former if it can be used here and else the latter; `vgate status` says which")
            .changing(Effect.RESTART);
    static final Key<List<Located<AeadAlgorithm>>> CIPHERS = Key.optional(
            "ciphers",
            Forms.oneOrMore(ciphers()),
            Stream.of(AeadAlgorithm.values()).map(AeadAlgorithm::label).collect(Collectors.joining(", ")),
            "What records may be protected by, the preferred one first; of what both ends name, the end that accepts the"
                    + " tunnel takes the one that it prefers. It is the JDK that computes chacha20-poly1305, several times"
                    + " as slowly as AES-GCM");
    static final Section CRYPTO_KEYS = Section.of("How records are protected, and who computes", AEAD, CIPHERS);

    static final Key<InetSocketAddress> HTTP = Key.optional(
                    "http",
                    AddressForms.listening(),
                    "nowhere",
                    "Where /metrics, /healthz and /readyz are served, in clear")
            .changing(Effect.RESTART);
    static final Section OBSERVE_KEYS = Section.of("What others may see of this gateway", HTTP);

    static final Key<Path> SOCKET = Key.optional(
                    "socket",
                    Forms.path(),
                    "/run/vgate/SITE-GATEWAY.sock",
                    "Unix socket of the commands `vgate status` and `vgate reload`, 106 bytes at most")
            .changing(Effect.RESTART);
    static final Section CONTROL_KEYS = Section.of("How this gateway is told what to do", SOCKET);

    static final Key<Path> DIRECTORY_FILE = Key.required(
                    "file",
                    Forms.path(),
                    "Where it is kept, such as /var/lib/vgate/SITE.directory: made when it is missing, for this gateway"
                            + " alone, in a folder that is there")
            .changing(Effect.RESTART);
    static final Section DIRECTORY_KEYS =
            Section.of("The embedded directory: members that are added and removed at run time", DIRECTORY_FILE);

    static final Key<String> SITE = Key.required("site", Forms.name(), "The site that this gateway belongs to")
            .changing(Effect.RESTART);
    static final Key<String> GATEWAY = Key.required("gateway", Forms.name(), "This gateway's name within its site")
            .changing(Effect.RESTART);
    static final Key<Fields> IDENTITY =
            Key.required("identity", IDENTITY_KEYS, "").changing(Effect.RESTART);
    static final Key<Fields> LISTEN = Key.required("listen", LISTEN_KEYS, "").changing(Effect.RESTART);
    static final Key<Fields> TUNNEL = Key.withDefault("tunnel", TUNNEL_KEYS, "", "");
    static final Key<List<Located<Fields>>> PEERS =
            Key.optional("peers", Forms.listOf(PEER_KEYS, 0), "this site stands alone", "");
    static final Key<Fields> PROXY = Key.optional("proxy", PROXY_KEYS, "TCP goes straight to the peer", "");
    static final Key<List<Located<Fields>>> RELAY =
            Key.optional("relay", Forms.listOf(RELAY_KEYS, 0), "nothing is passed on", "");
    static final Key<List<Located<Fields>>> CLASSES = Key.optional(
            "classes", Forms.listOf(CLASS_KEYS, 0), "nothing is demanded of tunnels, but that they are there", "");
    static final Key<Fields> DIRECTORY = Key.optional(
                    "directory", DIRECTORY_KEYS, "members are what the V-nets' prefixes say", "")
            .changing(Effect.RESTART);
    static final Key<List<Located<Fields>>> VTEP_PORTS =
            Key.optional("vtep-ports", Forms.listOf(AttachmentKeys.PORT_KEYS, 0), "none", "");
    static final Key<List<Located<Fields>>> VNETS = Key.optional("vnets", Forms.listOf(VNET_KEYS, 0), "none", "");
    static final Key<Integer> WORKERS = Key.optional(
                    "workers",
                    Forms.integer(1, Steering.MAX_WORKERS),
                    "one for each two processors, at most 8",
                    "Threads that move packets, each with its own queues; a tunnel has as many lanes as both ends have"
                            + " workers, so the most is had where these are equal")
            .changing(Effect.RESTART);
    static final Key<Fields> OFFLOAD =
            Key.withDefault("offload", OFFLOAD_KEYS, "", "").changing(Effect.RESTART);
    static final Key<Fields> CRYPTO = Key.withDefault("crypto", CRYPTO_KEYS, "", "");
    static final Key<Fields> OBSERVE = Key.withDefault("observe", OBSERVE_KEYS, "", "");
    static final Key<Fields> CONTROL = Key.withDefault("control", CONTROL_KEYS, "", "");
    static final Section ROOT = Section.of(
            "The file",
            SITE,
            GATEWAY,
            IDENTITY,
            LISTEN,
            PEERS,
            PROXY,
            RELAY,
            CLASSES,
            DIRECTORY,
            VTEP_PORTS,
            VNETS,
            TUNNEL,
            WORKERS,
            OFFLOAD,
            CRYPTO,
            OBSERVE,
            CONTROL);

    private ConfigKeys() {}

    private static Form<AeadAlgorithm> ciphers() {
        return Forms.choice(
                Stream.of(AeadAlgorithm.values()).collect(Collectors.toMap(AeadAlgorithm::label, Function.identity())));
    }

    private static Key<Boolean> offload(String name, String description) {
        return Key.withDefault(name, Forms.flag(), "true", description).changing(Effect.RESTART);
    }

    /** Where in the file a key of that name belongs, if only in one place. */
    static Optional<String> pathOf(String name) {
        List<String> paths = pathsOf(name, ROOT, "");
        return paths.size() == 1 ? Optional.of(paths.get(0)) : Optional.empty();
    }

    private static List<String> pathsOf(String name, Section section, String path) {
        return section.keys().stream()
                .flatMap(key -> {
                    String here = path.isEmpty() ? key.name() : path + "." + key.name();
                    return Stream.concat(
                            key.name().equals(name) && !path.isEmpty() ? Stream.of(path) : Stream.empty(),
                            key.form().section().stream().flatMap(inner -> pathsOf(name, inner, here).stream()));
                })
                .toList();
    }
}
