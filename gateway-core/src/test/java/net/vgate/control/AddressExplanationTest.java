package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import net.vgate.attachment.MemberStation;
import net.vgate.attachment.Neighbor;
import net.vgate.attachment.NeighborState;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Form;
import net.vgate.observe.AddressReport.Meaning;
import net.vgate.observe.AddressReport.Step;
import net.vgate.observe.AddressReport.Way;
import net.vgate.observe.AddressReport.Written;
import net.vgate.observe.Json;
import net.vgate.observe.SampleReports;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.junit.jupiter.api.Test;

/** What an answer says, beside the drops, which {@code ExplainedPathTest} compares with what packets meet. */
class AddressExplanationTest {
    private static final String TEXT = """
            site: east
            gateway: east-1
            identity: {certificate: /a, key: /b, trust: [/c]}
            listen: {udp: 192.0.2.1:4433}
            directory: {file: /d}
            peers:
              - site: west
                gateways: [{name: west-1, udp: "192.0.2.2:4433"}, {name: west-2, udp: "192.0.2.3:4433"}]
                vnets: [blue]
              - {site: north, gateways: [{name: north-1, udp: "192.0.2.4:4433"}], vnets: [blue]}
            vnets:
              - name: blue
                vni: 5001
                attach: {tun: {device: vg-blue, address: 10.0.0.254}}
                members:
                  - 10.0.0.0/16
                  - 10.0.0.0/24
                  - "fd00:e::/64"
                membership: directory
                translate:
                  - {peer: west, local: 10.0.0.0/24, as: 100.64.1.0/24}
                  - {peer: west, local: 10.0.1.0/24, as: 100.64.5.0/24}
                remote:
                  - peer: west
                    prefixes:
                      - 100.64.2.0/24
                      - "fd00:f::/64"
                  - {peer: north, prefixes: [100.64.3.0/24]}
                policy:
                  - {out: icmp, to: 100.64.2.0/24}
                  - {out: tcp, from: 10.0.0.0/28, to: 100.64.2.0/24, ports: 443}
                  - {in: tcp, from: 100.64.2.0/24, to: 10.0.0.7, ports: 443}
                  - {out: any, to: 100.64.3.0/24}
              - name: red
                vni: 5002
                attach: {tap: {device: vg-red, bridge: br-red, address: 10.7.0.254/24}}
                members: [10.7.0.0/24]
            """;

    private static final Map<String, Integer> NUMBERS = Map.of("west", 0, "north", 1);

    private final MemberTable listed = new MemberTable();
    private final Map<IpAddress, Neighbor> neighbors = new HashMap<>();
    private final GatewayConfig config = read();

    AddressExplanationTest() {
        listed.set(ip("10.0.0.7"), MemberState.JOINED);
        listed.set(ip("10.0.2.7"), MemberState.JOINED);
        listed.set(ip("fd00:e::7"), MemberState.JOINED);
        listed.set(ip("10.0.0.8"), MemberState.EXPECTED);
    }

    private static GatewayConfig read() {
        ConfigResult result = ConfigReader.parse(
                Path.of("east.yaml"), TEXT.getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile);
        return result.config()
                .orElseThrow(() -> new AssertionError(
                        result.problems().stream().map(Object::toString).collect(Collectors.joining("\n"))));
    }

    @Test
    void aMemberIsByItsLongestPrefixAndWrittenAsEachSiteSeesIt() {
        AddressReport report = here("blue", "10.0.0.7");
        assertEquals(
                new Meaning(
                        "member",
                        "a member here, by 10.0.0.0/24 (line 17), listed as joined",
                        "10.0.0.7",
                        null,
                        new Written("10.0.0.0/24", 17),
                        "joined",
                        "TUN device vg-blue in namespace blue",
                        null,
                        List.of()),
                report.meaning());
        assertEquals(
                List.of(
                        new Form("east", "10.0.0.7", new Written("10.0.0.0/24", 17), "its own address"),
                        new Form("west", "100.64.1.7", new Written("10.0.0.0/24 as 100.64.1.0/24", 21), "translated"),
                        new Form("north", "10.0.0.7", null, "as it is")),
                report.forms());
    }

    @Test
    void aMemberIsShownWithWhereItHasToBe() {
        MemberStation station = new MemberStation(new MacAddress(0x0200_0000_0009L), ip("192.0.2.11"));
        listed.set(ip("10.0.0.7"), MemberState.JOINED, station);
        assertEquals(
                "a member here, by 10.0.0.0/24 (line 17), listed as joined, to be at 02:00:00:00:00:09, to be behind"
                        + " locator 192.0.2.11",
                meaning(here("blue", "10.0.0.7")).text());
    }

    @Test
    void aMemberOnALinkIsShownWithItsStation() {
        IpAddress member = ip("10.7.0.9");
        assertNull(meaning(here("red", "10.7.0.9")).neighbor());
        neighbors.put(
                member,
                new Neighbor(member, new MacAddress(0x0200_0000_0009L), null, NeighborState.STALE, 61_900_000_000L));
        assertEquals(
                new AddressReport.Neighbor("02:00:00:00:00:09", null, "stale", 61),
                meaning(here("red", "10.7.0.9")).neighbor());
        neighbors.put(member, new Neighbor(member, null, null, NeighborState.INCOMPLETE, 0));
        assertEquals(
                new AddressReport.Neighbor(null, null, "incomplete", 0),
                meaning(here("red", "10.7.0.9")).neighbor());
    }

    @Test
    void whatNoRuleTranslatesCannotBeWrittenThere() {
        AddressReport report = here("blue", "10.0.2.7");
        assertEquals(
                new Form("west", null, null, "cannot be written there: no translate rule has it"),
                report.forms().get(1));
        assertEquals(List.of("local null", "out untranslatable", "out no_tunnel", "in null"), drops(report));
        assertEquals(
                List.of("its own address", "as it is", "as it is"),
                here("blue", "fd00:e::7").forms().stream().map(Form::text).toList());
    }

    @Test
    void whatTheDirectoryHasNotIsNobodys() {
        Meaning expected = meaning(here("blue", "10.0.0.8"));
        assertEquals("absent", expected.kind());
        assertEquals("expected", expected.state());
        assertEquals(List.of("vgate member set blue 10.0.0.8 --state joined, when it is there"), expected.advice());
        Meaning stranger = meaning(here("blue", "10.0.0.9"));
        assertEquals("absent", stranger.kind());
        assertNull(stranger.state());
        assertEquals(List.of("vgate member add blue 10.0.0.9 makes it a member"), stranger.advice());
    }

    @Test
    void theGatewaysOwnIsToldFromMembers() {
        assertEquals(
                "this gateway's own address in the V-net, and one of members by 10.0.0.0/24 (line 17)",
                meaning(here("blue", "10.0.0.254")).text());
        AddressReport onLink = here("red", "10.7.0.254");
        assertEquals("gateway", meaning(onLink).kind());
        assertEquals(
                "TAP device vg-red, a port of bridge br-red", meaning(onLink).attachment());
        assertEquals("route some not_here", step(onLink.ways().get(0), 1));
    }

    @Test
    void aRemoteMemberIsByThePeersPrefix() {
        AddressReport report = here("blue", "fd00:f::9");
        assertEquals(
                "a member of site west, by remote prefix fd00:f::/64 (line 27)",
                meaning(report).text());
        assertEquals(
                List.of("whose it is there, a gateway of west tells: vgate explain fd00:f::9 --vnet blue --at east"),
                meaning(report).advice());
        assertEquals(List.of("east fd00:f::9", "west null"), addresses(report));
        assertEquals(List.of("out policy", "in policy"), drops(report));
    }

    @Test
    void whatOnlyAPeerWritesIsToldWithWhoseItIs() {
        AddressReport report = here("blue", "100.64.1.7");
        assertEquals("alias", meaning(report).kind());
        assertEquals("10.0.0.7", meaning(report).member());
        assertEquals("west", meaning(report).peer());
        assertEquals(
                "nobody's at this site; site west writes 10.0.0.7 so, by 10.0.0.0/24 as 100.64.1.0/24 (line 21)",
                meaning(report).text());
        assertEquals(List.of("out no_route", "in null"), drops(report));
    }

    @Test
    void atAPeersSiteAddressesAreAsThatWritesThem() {
        AddressReport report = at("west", "100.64.1.7");
        assertEquals(
                "10.0.0.7 at this site, by 10.0.0.0/24 as 100.64.1.0/24 (line 21); that is a member here, by 10.0.0.0/24"
                        + " (line 17), listed as joined",
                meaning(report).text());
        assertEquals(List.of("east 10.0.0.7", "west 100.64.1.7"), addresses(report));
        assertEquals(
                List.of("west", "west"), report.ways().stream().map(Way::peer).toList());
        assertEquals(
                "a member here, by 10.0.0.0/24 (line 17), listed as joined",
                meaning(at("north", "10.0.0.7")).text());

        Meaning own = meaning(at("west", "10.0.0.7"));
        assertEquals("unknown", own.kind());
        assertEquals(List.of("at this site it is one of members: site west writes it 100.64.1.7"), own.advice());
        assertEquals(
                List.of("it is how this site writes a member of west: leave out --at"),
                meaning(at("west", "100.64.2.7")).advice());
        assertEquals(
                List.of("it may be one of west's own, which its gateways know"),
                meaning(at("west", "10.99.0.1")).advice());
    }

    @Test
    void rulesAreThoseThatCanPermitIt() {
        Way out = here("blue", "10.0.0.7").ways().get(1);
        Step permit = out.steps().get(2);
        assertEquals("permit_out some policy", step(out, 2));
        assertEquals("2 of 3 out rules can permit it, what none permits is denied", permit.text());
        assertEquals(
                List.of(
                        new Written("{out: icmp, to: 100.64.2.0/24}", 30),
                        new Written("{out: tcp, from: 10.0.0.0/28, to: 100.64.2.0/24, ports: [443]}", 31)),
                permit.by());
        assertEquals(
                "permit_out pass null", step(here("blue", "10.0.0.7").ways().get(3), 2), "any, to north");
        Way in = here("blue", "10.0.2.7").ways().get(3);
        assertEquals("permit_in answers policy", step(in, 3));
        assertEquals(
                "permit_in drop policy",
                step(here("blue", "fd00:f::9").ways().get(1), 3),
                "no rule of either direction");
    }

    @Test
    void scopeIsToldByItsName() {
        assertEquals(
                "link-local: such addresses never cross",
                meaning(here("blue", "169.254.1.1")).text());
        assertEquals(
                "link-local: such addresses never cross",
                meaning(here("blue", "fe80::1")).text());
        assertEquals(
                "multicast: such addresses never cross",
                meaning(here("blue", "ff02::1")).text());
        assertEquals(
                "reserved: such addresses never cross",
                meaning(here("blue", "255.255.255.255")).text());
        assertEquals(
                "unspecified: such addresses never cross",
                meaning(here("blue", "::")).text());
        assertEquals(
                "loopback: such addresses never cross",
                meaning(here("blue", "127.0.0.1")).text());
    }

    @Test
    void whatAnotherVnetKnowsIsSaid() {
        Meaning unknown = meaning(here("blue", "10.7.0.9"));
        assertEquals("unknown", unknown.kind());
        assertEquals(
                List.of(
                        "a member here would have to be in members, one of another site in remote, of V-net blue",
                        "known in other V-nets: red"),
                unknown.advice());
    }

    @Test
    void gatewaysAreAsStatusHasThem() {
        AddressReport report = at("west", "100.64.1.7");
        AddressReport.Gateway gateway = report.gateways().get(0);
        assertEquals("west-1", gateway.gateway());
        assertEquals("tcp", gateway.rung());
        assertTrue(!gateway.carries(), "the snapshot's tunnels have no association");
        assertEquals("below_class", gateway.refusal());
        assertEquals(
                "does not carry blue (below_class): it demands aes-256-gcm over udp, the tunnel has aes-128-gcm over tcp",
                gateway.text());
        assertEquals(1, report.gateways().size(), "of west, not of north");
    }

    @Test
    void jsonIsReadAsItWasWritten() {
        AddressReport report = here("blue", "10.0.0.7");
        assertEquals(report, Json.read(Json.write(report), AddressReport.class));
    }

    private AddressReport here(String vnet, String address) {
        return AddressExplanation.here(facts(vnet), ip(address));
    }

    private AddressReport at(String site, String address) {
        return AddressExplanation.at(facts("blue"), site, ip(address));
    }

    private VnetFacts facts(String name) {
        List<VnetTable> tables = new ArrayList<>();
        for (GatewayConfig.Vnet vnet : config.vnets()) {
            tables.add(VnetTable.builder(tables.size(), vnet)
                    .peers(config.peers(), NUMBERS::get)
                    .listed(vnet.isListed() ? listed : null)
                    .innerMtu(1_400)
                    .build());
        }
        int index = name.equals("blue") ? 0 : 1;
        return new VnetFacts(
                config.site(),
                config.gateway(),
                config.file().toString(),
                3,
                config.peers(),
                config.vnets().get(index),
                new ForwardingSnapshot(3, tables, List.of()),
                index,
                NUMBERS,
                1,
                SampleReports.busy().tunnels(),
                address -> Optional.ofNullable(neighbors.get(address)));
    }

    private static Meaning meaning(AddressReport report) {
        return Objects.requireNonNull(report.meaning());
    }

    private static List<String> addresses(AddressReport report) {
        return report.forms().stream()
                .map(form -> form.site() + " " + form.address())
                .toList();
    }

    private static List<String> drops(AddressReport report) {
        return report.ways().stream()
                .map(way -> way.direction() + " " + way.drop())
                .toList();
    }

    private static String step(Way way, int index) {
        Step step = way.steps().get(index);
        return step.stage() + " " + step.verdict() + " " + step.reason();
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
