package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line as a person and a script have it. */
class VgateTest {
    private static final Path SAMPLES = Path.of(System.getProperty("vgate.root", ".."), "config-samples");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void fromNothingToTwoCheckedSites() throws IOException {
        String pki = folder.resolve("pki").toString();
        assertEquals(0, vgate("pki", "ca", "--out", pki, "--name", "Example"));
        for (String site : new String[] {"east", "west"}) {
            Files.copy(SAMPLES.resolve("two-sites/" + site + ".yaml"), folder.resolve(site + ".yaml"));
            assertEquals(0, vgate("pki", "issue", "--ca", pki, "--site", site, "--gateway", site + "-1", "--out", pki));
        }
        String east = folder.resolve("east.yaml").toString();
        String west = folder.resolve("west.yaml").toString();

        assertEquals(0, vgate("check", east, west));
        assertEquals("""
                %s: ok: gateway east-1 of site east, 2 V-nets, 1 peer, 2 of 2 policy tests passed
                %s: ok: gateway west-1 of site west, 2 V-nets, 1 peer
                """.formatted(east, west), out.toString());
        assertEquals("", err.toString());

        assertEquals(0, vgate("pki", "show", "--json", pki + "/ca.crt", pki + "/east-1.crt"));
        JsonNode certificates = JsonMapper.shared().readTree(out.toString());
        assertEquals("vgate://east/east-1", certificates.at("/1/identities/0").asString());
        assertEquals("CN=Example", certificates.at("/1/issuer").asString());
        assertTrue(certificates.at("/0/authority").asBoolean());
        assertEquals(824, certificates.at("/1/daysLeft").asInt());

        assertEquals(0, vgate("pki", "show", pki + "/ca.crt", pki + "/east-1.crt"));
        String[] lines = out.toString().split("\n", -1);
        assertEquals(lines[0].indexOf("IDENTITY"), lines[2].indexOf("vgate://east/east-1"));
    }

    @Test
    void problemsAreOnOneLineEachAndMakeExitCode2() throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), "site: east\ngatway: east-1\n");

        assertEquals(2, vgate("check", file.toString()));
        assertTrue(out.toString().startsWith(file + ":1:1: error: gateway: is missing"), out.toString());
        assertTrue(out.toString().contains(file + ":2:1: error: unknown key \"gatway\"; did you mean gateway?\n"));
        assertTrue(out.toString().endsWith(file + ": refused: 4 errors, 1 warning\n"), out.toString());

        assertEquals(2, vgate("check", "--json", file.toString()));
        JsonNode report = JsonMapper.shared().readTree(out.toString()).get(0);
        assertFalse(report.get("ok").asBoolean());
        assertEquals(
                2,
                report.at("/problems/4/line").asInt()
                        + report.at("/problems/0/line").asInt()
                        - 1);
        assertEquals("error", report.at("/problems/0/severity").asString());
    }

    @Test
    void policyTestsAreRunWhereverAConfigurationIsRead() throws IOException {
        fromNothingToTwoCheckedSites();
        Path east = folder.resolve("east.yaml");
        Path wrong = folder.resolve("wrong.yaml");
        Files.writeString(wrong, Files.readString(east).replace("port: 22, expect: deny", "port: 22, expect: permit"));
        String said = "expected permit, but {in: tcp, from: 100.64.2.5, to: 10.0.0.7, port: 22} is denied";

        assertEquals(2, vgate("check", wrong.toString()));
        assertTrue(out.toString().contains(said), out.toString());
        assertTrue(
                out.toString().endsWith(": refused: 1 error, 0 warnings, 1 of 2 policy tests passed\n"),
                out.toString());
        assertEquals(0, vgate("check", "--json", east.toString()));
        JsonNode report = JsonMapper.shared().readTree(out.toString()).get(0);
        assertEquals(2, report.get("policyTests").asInt());
        assertEquals(2, report.get("passedPolicyTests").asInt());
        assertEquals(2, vgate("plan", east.toString(), wrong.toString()));
        assertTrue(err.toString().contains(said), err.toString());
        assertEquals(2, vgate("run", "-c", wrong.toString()));
        assertTrue(err.toString().contains(said), err.toString());
    }

    @Test
    void strictTakesWarningsForErrors() throws IOException {
        fromNothingToTwoCheckedSites();
        Path east = folder.resolve("east.yaml");
        Files.writeString(
                east,
                Files.readString(east)
                        .replaceAll("(?s)vnets:\n  - name.*observe", "vnets: []\nobserve")
                        .replace("vnets: [blue, red]", "vnets: []")
                        .replace("vnets: []\nobserve", "observe"));

        assertEquals(0, vgate("check", east.toString()), out.toString());
        assertTrue(out.toString().contains("(1 warning)"), out.toString());
        assertEquals(2, vgate("check", "--strict", east.toString()));
    }

    @Test
    void aPlanSaysWhatItTakes() throws IOException {
        fromNothingToTwoCheckedSites();
        Path old = folder.resolve("east.yaml");
        Path changed = folder.resolve("changed.yaml");
        Files.writeString(
                changed, Files.readString(old).replace("vg-red", "vg-r").replace("8080]", "8080, 9000]"));

        assertEquals(0, vgate("plan", old.toString(), changed.toString()));
        assertTrue(out.toString().endsWith("a reload takes it over; paused meanwhile: red\n"), out.toString());
        assertEquals(0, vgate("plan", "--json", old.toString(), changed.toString()));
        JsonNode plan = JsonMapper.shared().readTree(out.toString());
        assertFalse(plan.get("restart").asBoolean());
        assertEquals("red", plan.at("/pausedVnets/0").asString());
        assertEquals(9, plan.get("changes").size());

        assertEquals(0, vgate("plan", old.toString(), old.toString()));
        assertEquals("nothing changes\n", out.toString());
        assertEquals(2, vgate("plan", old.toString(), folder.resolve("none").toString()));
        assertEquals(
                folder.resolve("none") + ": error: there is no such file\nvgate: " + folder.resolve("none")
                        + " is refused, so there is no plan\n",
                err.toString());
    }

    @Test
    void mistakesOnTheCommandLineTakeOneLine() {
        assertEquals(2, vgate("chek"));
        assertEquals("vgate: there is no command chek; see vgate --help\n", err.toString());
        assertEquals(2, vgate("check"));
        assertEquals("vgate: Missing required parameter: 'FILE'; see vgate check --help\n", err.toString());
        assertEquals(2, vgate("pki", "isue"));
        assertEquals("vgate: there is no command isue; see vgate pki --help\n", err.toString());
        assertEquals(2, vgate("pki", "issue", "--ca", "x", "--site", "ea st", "--gateway", "e", "--out", "x"));
        assertEquals(
                "vgate: --site is \"ea st\"; allowed: 1 to 63 of a-z, 0-9 and -, not - at an end\n", err.toString());
        assertEquals(2, vgate("pki"));
        assertEquals(1, err.toString().lines().count());
        assertEquals(2, vgate("pki", "ca", "--out", folder.toString(), "--days", "0"));
        assertEquals("vgate: --days is 0; allowed: 1 to 36500\n", err.toString());
        assertEquals(2, vgate());
    }

    @Test
    void keysMayBeOfEitherKindWhateverTheAuthoritysIs() {
        String pki = folder.resolve("ed").toString();
        assertEquals(0, vgate("pki", "ca", "--out", pki, "--key", "ed25519"), err.toString());
        issue(pki, "a");
        issue(pki, "b", "--key", "ecdsa");
        assertEquals(0, vgate("pki", "show", pki + "/ca.crt", pki + "/a.crt", pki + "/b.crt"));
        List<String> lines = out.toString().lines().toList();
        assertTrue(lines.get(1).contains("Ed25519"), out.toString());
        assertTrue(lines.get(2).contains("Ed25519"), out.toString());
        assertTrue(lines.get(3).contains("EC P-256"), out.toString());
        assertEquals(2, vgate("pki", "ca", "--out", pki, "--key", "rsa", "--force"));
        assertEquals("vgate: --key is \"rsa\"; allowed: ecdsa or ed25519\n", err.toString());
    }

    private void issue(String pki, String gateway, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("pki", "issue", "--ca", pki, "--out", pki, "--site", "s", "--gateway", gateway));
        arguments.addAll(List.of(more));
        assertEquals(0, vgate(arguments.toArray(new String[0])), err.toString());
    }

    @Test
    void failuresTakeOneLineUnlessSomeoneDebugs() {
        assertEquals(1, vgate("pki", "issue", "--ca", "/none", "--site", "a", "--gateway", "b", "--out", "/none"));
        assertEquals("vgate: /none/ca.crt does not exist\n", err.toString());
        assertEquals(
                1,
                vgate("--debug", "pki", "issue", "--ca", "/none", "--site", "a", "--gateway", "b", "--out", "/none"));
        assertTrue(err.toString().contains("at net.vgate."), err.toString());
        assertEquals(1, vgate("pki", "show", "/none"));
        assertEquals("vgate: /none does not exist\n", err.toString());
    }

    /** Help is what a person reads first: each verb says what it does, gives an example, and names the exit codes. */
    @Test
    void everyVerbHasHelp() {
        for (Object verb : Verbs.all()) {
            assertHelp(new CommandLine(verb), "");
        }
    }

    private void assertHelp(CommandLine line, String above) {
        String name = (above + " " + line.getCommandName()).strip();
        String[] words = (name + " --help").split(" ");
        assertEquals(0, vgate(words));
        assertTrue(out.toString().startsWith("Usage: vgate " + name), out.toString());
        assertTrue(out.toString().contains("Example: vgate " + name), out.toString());
        assertTrue(out.toString().contains("2   the command line or a configuration is wrong"), out.toString());
        Command described = line.getCommandSpec().userObject().getClass().getAnnotation(Command.class);
        assertTrue(described != null && described.description().length > 0, name);
        for (Map.Entry<String, CommandLine> inner : line.getSubcommands().entrySet()) {
            assertHelp(inner.getValue(), name);
        }
    }

    private int vgate(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Vgate.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
