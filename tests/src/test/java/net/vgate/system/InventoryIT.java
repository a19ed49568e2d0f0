package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.vgate.http.Response;
import net.vgate.observe.Json;
import net.vgate.observe.MemberReport;
import net.vgate.observe.PolicyReport;
import net.vgate.observe.StatusReport;
import net.vgate.observe.SwitchReport;
import net.vgate.observe.SwitchesReport;
import net.vgate.observe.VnetReport;
import net.vgate.observe.VnetsReport;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What two gateways that run say of their V-nets, switches, rules and members, by the command line and by HTTP. */
@SystemTest
final class InventoryIT {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Test
    void bothGatewaysTellWhatTheyHave() {
        try (TwoSites sites = TwoSites.paired(InventoryIT::changed)) {
            Site east = sites.east();
            Site west = sites.west();
            assertTrue(vgate(west, "member", "add", "blue", TwoSites.HOST).isSuccess());
            assertTrue(vgate(west, "member", "add", "blue", "10.0.0.11", "--expected")
                    .isSuccess());
            assertTrue(Ping.comesBack(sites.host(east, "blue"), TwoSites.WEST_ALIAS));

            expectVnets(east, west);
            expectPolicy(east);
            expectSwitches(east, west);
            expectMembers(east, west);
            expectWhereToWriteIt(east);
            expectAnswersAsDescribed(west);
        }
    }

    /** What can be asked without changing anything; the description is closed, so that nothing is left undescribed. */
    private static void expectAnswersAsDescribed(Site site) {
        ObjectNode document = (ObjectNode) answer(site, "/openapi.json");
        document.get("components").get("schemas").forEach(one -> ((ObjectNode) one).put("additionalProperties", false));
        int asked = 0;
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            JsonNode schema = path.getValue().at("/get/responses/200/content/application~1json/schema/$ref");
            if (!schema.isString()) {
                continue;
            }
            document.put("$ref", schema.asString());
            String question = path.getKey()
                            .replace("{vnet}", "blue")
                            .replace("{address}", TwoSites.HOST)
                            .replace("{switch}", site.name() + "%2F" + site.name() + "-1")
                    + (path.getKey().equals("/explain") ? "?vnet=blue&address=" + TwoSites.HOST : "");
            List<String> faults = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(document)
                    .validate(answer(site, question))
                    .stream()
                    .map(Object::toString)
                    .toList();
            assertEquals(List.of(), faults, question);
            asked++;
        }
        assertTrue(asked > 10, "only " + asked + " answers are described");
    }

    private static JsonNode answer(Site site, String path) {
        Response answer = site.gateway().get(path);
        assertEquals(200, answer.status(), () -> path + " " + answer.bodyText());
        return JsonMapper.shared().readTree(answer.bodyText());
    }

    /** At west V-net blue has a directory, at east a rule that is never reached. */
    private static String changed(String text) {
        return text.startsWith("# Site west")
                ? text.replaceFirst("members: \\[10.0.0.0/24]", "$0\n    membership: directory")
                        + "\ndirectory: {file: west.directory}\n"
                : text.replaceFirst("( +- )\\{out: icmp, to: 100.64.2.0/24}", "$0\n$1{out: icmp, to: 100.64.2.0/25}");
    }

    private static void expectVnets(Site east, Site west) {
        List<String> list = lines(east, "vnet", "list");
        assertEquals("VNET VNI KIND STATE PREFIXES JOINED EXPECTED RULES PEERS ATTACHMENT", list.get(0));
        assertTrue(list.get(1).matches("blue 5001 l3 up 1 - - 5 west TUN device vg-blue in namespace .*"), list.get(1));
        assertEquals(3, list.size());
        VnetsReport.Vnet blue =
                read(west, VnetsReport.class, "vnet", "list").vnets().get(0);
        assertEquals("directory", blue.membership());
        assertEquals(1, blue.joined());
        assertEquals(1, blue.expected());

        // What the workers count, status takes up in its time.
        TestBed.await(
                "the ping is counted",
                PATIENCE,
                () -> status(east).out().packets() > 0
                        && status(east).in().packets() > 0
                        && status(east).policy().get(0).hits() > 0);
        VnetReport report = read(east, VnetReport.class, "vnet", "show", "blue");
        assertEquals(List.of(new VnetReport.Peer("west", true, List.of("west-1"))), report.peers());
        assertEquals(List.of("10.0.0.254"), report.attachment().addresses());
        List<String> shown = lines(east, "vnet", "show", "blue");
        assertEquals("V-net blue: VNI 5001, l3, class default", shown.get(0));
        assertTrue(shown.contains("members: every address of 10.0.0.0/24"), shown::toString);
        assertTrue(shown.contains("west yes west-1 10.0.0.0/24 100.64.1.0/24 100.64.2.0/24"), shown::toString);
        assertTrue(
                lines(west, "vnet", "show", "blue")
                        .contains("members: 1 joined and 1 expected, listed by the directory within 10.0.0.0/24"),
                () -> lines(west, "vnet", "show", "blue").toString());
        expectRefused(east, "vgate: there is no V-net \"bleu\"; did you mean blue?", "vnet", "show", "bleu");
        expectRefused(east, "vgate: there is no V-net \"a b/%c\"; there are: blue, red", "vnet", "show", "a b/%c");
    }

    private static StatusReport.Vnet status(Site site) {
        return Objects.requireNonNull(
                read(site, VnetReport.class, "vnet", "show", "blue").status());
    }

    private static void expectPolicy(Site east) {
        PolicyReport report = read(east, PolicyReport.class, "policy", "show", "blue");
        assertEquals("deny", report.fallback());
        assertEquals(
                List.of(1, 2, 3, 4, 5),
                report.rules().stream().map(PolicyReport.Rule::number).toList());
        PolicyReport.Rule first = report.rules().get(0);
        assertEquals("{out: icmp, to: 100.64.2.0/24}", first.rule());
        assertTrue(first.hits() > 0 && first.lastHitSeconds() != null && first.idle() == null, first::toString);
        PolicyReport.Rule second = report.rules().get(1);
        assertEquals("never reached: the rule in line " + first.line() + " permits all of it", second.idle());
        assertEquals(0, second.hits());
        List<String> shown = lines(east, "policy", "show", "blue");
        assertTrue(shown.get(5).endsWith("0 never " + second.idle()), shown::toString);
        expectRefused(east, "vgate: there is no V-net \"rad\"; did you mean red?", "policy", "show", "rad");
    }

    private static void expectSwitches(Site east, Site west) {
        assertEquals(
                List.of(
                        "SWITCH KIND STATE LOCATORS PORT V-NETS",
                        "east/east-1 gateway self 198.51.100.1:4433 - blue, red",
                        "west/west-1 gateway established 198.51.100.2:4433 - blue, red"),
                lines(east, "switch", "list"));
        assertEquals(
                List.of(new SwitchesReport.Vnet("blue", 5001), new SwitchesReport.Vnet("red", 5002)),
                read(west, SwitchesReport.class, "switch", "list")
                        .switches()
                        .get(1)
                        .vnets());
        SwitchReport report = read(east, SwitchReport.class, "switch", "show", "west/west-1");
        assertTrue(Objects.requireNonNull(report.tunnel()).up());
        List<String> shown = lines(east, "switch", "show", "west/west-1");
        assertEquals("switch west/west-1: gateway of another site", shown.get(0));
        assertTrue(shown.get(2).matches("tunnel: established, 198.51.100.1(:\\d+)? > 198.51.100.2:\\d+"), shown.get(2));
        expectRefused(
                east,
                "vgate: there is no switch \"west/west-2\"; did you mean west/west-1?",
                "switch",
                "show",
                "west/west-2");
    }

    private static void expectMembers(Site east, Site west) {
        MemberReport listed = read(west, MemberReport.class, "member", "show", "blue", "10.0.0.11");
        assertEquals("expected", listed.state());
        assertEquals("10.0.0.0/24", Objects.requireNonNull(listed.by()).text());
        assertTrue(Objects.requireNonNull(listed.revision()) >= 2, listed::toString);
        assertEquals(
                "10.0.0.9 in V-net blue: permanent, as every address of its prefix",
                lines(east, "member", "show", "blue", "10.0.0.9").get(0));
        expectRefused(
                west,
                "vgate: there is no member \"10.0.0.9\"; V-net blue may have it; vgate member add lists it",
                "member",
                "show",
                "blue",
                "10.0.0.9");
        expectRefused(
                east,
                "vgate: there is no member \"10.9.0.9\"; it is in none of the prefixes that V-net blue has as members",
                "member",
                "show",
                "blue",
                "10.9.0.9");
        expectRefused(
                east,
                "vgate: there is no IP address \"10.0.0\"; write it as 10.0.0.7 or fd00::7, whole",
                "member",
                "show",
                "blue",
                "10.0.0");
        Response unknown = east.gateway().get("/members/blue/10.9.0.9");
        assertEquals(404, unknown.status());
        assertEquals("application/json", unknown.contentType());
    }

    private static void expectWhereToWriteIt(Site east) {
        String then = "; then vgate plan says what changes, and vgate reload takes it over";
        expectRefused(
                east,
                "vgate: V-nets are written in the configuration file, under vnets:" + then,
                "vnet",
                "add",
                "green",
                "--vni",
                "7");
        expectRefused(
                east,
                "vgate: rules are written in the configuration file, under policy: of their V-net" + then,
                "policy",
                "remove",
                "blue");
    }

    private static void expectRefused(Site site, String line, String... arguments) {
        Command.Result result = vgate(site, arguments);
        assertFalse(result.isSuccess());
        assertEquals(line + "\n", result.output());
    }

    private static <T> T read(Site site, Class<T> report, String... arguments) {
        List<String> json = new ArrayList<>(List.of(arguments));
        json.add("--json");
        Command.Result result = vgate(site, json.toArray(String[]::new));
        assertTrue(result.isSuccess(), result::output);
        return Json.read(result.output(), report);
    }

    /** What is printed, with one space where there are more. */
    private static List<String> lines(Site site, String... arguments) {
        Command.Result result = vgate(site, arguments);
        assertTrue(result.isSuccess(), result::output);
        return result.output()
                .lines()
                .map(line -> line.replaceAll(" +", " ").strip())
                .toList();
    }

    private static Command.Result vgate(Site site, String... arguments) {
        List<String> command = new ArrayList<>(RunningGateway.vgate(arguments));
        command.addAll(List.of("--socket", site.socket().toString()));
        return Command.attempt(Command.favoured(command), Command.DEADLINE);
    }
}
