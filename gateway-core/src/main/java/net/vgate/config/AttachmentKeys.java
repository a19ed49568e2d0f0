package net.vgate.config;

import java.util.List;
import java.util.Map;
import net.vgate.encap.VtepEncapsulation;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;

/** The keys of the file that say where members are attached, see {@link ConfigKeys}. */
final class AttachmentKeys {
    static final Key<String> DEVICE =
            Key.required("device", Forms.device(), "Name of the interface").changing(Effect.DEVICE);
    static final Key<String> NETNS = Key.optional(
                    "netns",
                    Forms.namespace(),
                    "the V-net's name",
                    "Network namespace that has the interface, made if there is none; `gateway` is the namespace that vgate"
                            + " itself runs in")
            .changing(Effect.DEVICE);
    static final Key<List<Located<Prefix>>> ADDRESS = Key.required(
                    "address",
                    Forms.oneOrMore(AddressForms.host()),
                    "The gateway's own address in the V-net, one of each family at most; its ICMP errors come from there")
            .changing(Effect.DEVICE);
    static final Key<Boolean> SHARED_NETNS = Key.withDefault(
                    "shared-netns",
                    Forms.flag(),
                    "false",
                    "Whether other V-nets may have their interface in the same namespace; all of them have to say so")
            .changing(Effect.DEVICE);
    static final Key<Integer> MTU = Key.optional(
                    "mtu",
                    Forms.integer(576, 65_535),
                    "from tunnel.path-mtu; with `fragment` 1500 at least",
                    "Bytes of the largest inner IP packet")
            .changing(Effect.DEVICE);
    static final Section TUN_KEYS = Section.of("A TUN interface of Linux", DEVICE, NETNS, ADDRESS, SHARED_NETNS, MTU);

    static final Key<Fields> TUN =
            Key.optional("tun", TUN_KEYS, "there is a `tap` or `vtep`", "").changing(Effect.DEVICE);

    static final Key<String> TAP_NETNS = Key.optional(
                    "netns",
                    Forms.namespace(),
                    "the namespace that vgate itself runs in",
                    "Network namespace that has the interface, made if there is none; no other V-net's `tun` may be in it")
            .changing(Effect.DEVICE);
    static final Key<String> BRIDGE = Key.optional(
                    "bridge",
                    Forms.device(),
                    "none: somebody else puts the interface where it belongs, as `ovs-vsctl add-port` does",
                    "Linux bridge in the same namespace that the interface becomes a port of, each time that it is made")
            .changing(Effect.DEVICE);
    static final Key<List<Located<InterfaceAddress>>> LINK_ADDRESS = Key.required(
                    "address",
                    Forms.oneOrMore(AddressForms.onLink()),
                    "The gateway's own address on the members' link, one of each family at most, with the length of the"
                            + " prefix that is on this link: all members are in there, and reach other sites by way of"
                            + " this address")
            .changing(Effect.DEVICE);
    static final Key<MacAddress> MAC = Key.optional(
                    "mac",
                    AddressForms.mac(),
                    "02:76:67 and then the VNI, so that all gateways of a V-net have the same",
                    "The gateway's own Ethernet address, to which members send what is for other sites")
            .changing(Effect.DEVICE);
    static final Key<Integer> TAP_MTU = Key.optional(
                    "mtu",
                    Forms.integer(576, 65_521),
                    "from tunnel.path-mtu; with `fragment` 1500 at least",
                    "Bytes of the largest inner IP packet; the interface takes 1500 at least, and who sends more than"
                            + " crosses is told")
            .changing(Effect.DEVICE);
    static final Section TAP_KEYS = Section.of(
            "A TAP interface of Linux, on whose link the gateway is a router: it answers ARP and neighbor solicitations for"
                    + " its own addresses, and no frame leaves the link",
            DEVICE,
            TAP_NETNS,
            BRIDGE,
            LINK_ADDRESS,
            MAC,
            TAP_MTU);
    static final Key<Fields> TAP =
            Key.optional("tap", TAP_KEYS, "there is a `tun` or `vtep`", "").changing(Effect.DEVICE);

    static final Key<String> PORT_NAME =
            Key.required("name", Forms.name(), "Name of the port, for people").changing(Effect.DEVICE);
    static final Key<VtepEncapsulation> ENCAPSULATION = Key.withDefault(
                    "encapsulation",
                    Forms.choice(Map.of("vxlan", VtepEncapsulation.VXLAN, "geneve", VtepEncapsulation.GENEVE)),
                    "vxlan",
                    "What the switches speak: `vxlan` (RFC 7348) or `geneve` (RFC 8926), either with Ethernet frames")
            .changing(Effect.DEVICE);
    static final Key<String> INTERFACE = Key.required(
                    "interface",
                    Forms.device(),
                    "Interface toward the switches, in the namespace that vgate itself runs in: what comes by another one is"
                            + " not heard")
            .changing(Effect.DEVICE);
    static final Key<Prefix> LOCATOR = Key.required(
                    "locator",
                    AddressForms.host(),
                    "The gateway's own address on that interface, at which the switches send what is for other sites")
            .changing(Effect.DEVICE);
    static final Key<Integer> UDP_PORT = Key.optional(
                    "udp-port",
                    Forms.integer(1, 65_535),
                    "4789 for vxlan, 6081 for geneve",
                    "UDP port at which the gateway and the switches listen")
            .changing(Effect.DEVICE);
    static final Section PORT_KEYS = Section.of(
            "A VTEP port: where the gateway meets the data center's VM switches, such as Linux' vxlan interfaces and Open"
                    + " vSwitch, in clear. It serves any number of V-nets, each with a VNI of its own",
            PORT_NAME,
            ENCAPSULATION,
            INTERFACE,
            LOCATOR,
            UDP_PORT);

    static final Key<String> PORT =
            Key.required("port", Forms.name(), "Name of one of `vtep-ports`").changing(Effect.DEVICE);
    static final Key<Integer> PORT_VNI = Key.optional(
                    "vni",
                    Forms.integer(0, (1 << 24) - 1),
                    "the V-net's",
                    "By which the switches call the V-net; at a port each is there once")
            .changing(Effect.DEVICE);
    static final Key<List<Located<Prefix>>> LOCATORS = Key.required(
            "locators",
            Forms.oneOrMore(AddressForms.host()),
            "The switches that may speak for the V-net: what another one says with its VNI is dropped as `unknown_vtep`,"
                    + " before anything else is looked at");
    static final Key<Integer> VTEP_MTU = Key.optional(
                    "mtu",
                    Forms.integer(576, 65_465),
                    "from tunnel.path-mtu; with `fragment` 1500 at least",
                    "Bytes of the largest inner IP packet; the interface has to carry 50 more, with IPv6 70. Who sends more"
                            + " than crosses is told")
            .changing(Effect.DEVICE);
    static final Section VTEP_KEYS = Section.of(
            "A part of a VTEP port, on which the gateway is a router for the V-net as with `tap`",
            PORT,
            PORT_VNI,
            LOCATORS,
            LINK_ADDRESS,
            MAC,
            VTEP_MTU);
    static final Key<Fields> VTEP =
            Key.optional("vtep", VTEP_KEYS, "there is a `tun` or `tap`", "").changing(Effect.DEVICE);
    static final Section ATTACH_KEYS =
            Section.of("Where the V-net's members are attached: one of the three", TUN, TAP, VTEP);

    private AttachmentKeys() {}
}
