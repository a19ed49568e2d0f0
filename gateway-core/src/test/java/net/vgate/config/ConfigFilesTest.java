package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.vgate.forwarding.CompiledPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are no configuration at all: one line each. */
class ConfigFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aMissingFile() {
        assertOne(folder.resolve("none.yaml"), "none.yaml: error: there is no such file");
    }

    @Test
    void aFolder() {
        assertOne(folder, "is a folder; name the file in it");
    }

    @Test
    void aLinkToNothing() throws IOException {
        assertOne(
                Files.createSymbolicLink(folder.resolve("link.yaml"), folder.resolve("none")),
                "is a link to a file that does not exist");
    }

    @Test
    void anEmptyFile() throws IOException {
        assertOne(write(""), "is empty");
        assertOne(write(" \n\n"), "is empty");
        assertOne(write("# nothing but words\n"), "has no values in it");
        assertOne(write("---\n...\n"), "error: has no value; it takes the keys site, gateway");
    }

    @Test
    void aFileTooLarge() throws IOException {
        Path file = folder.resolve("large.yaml");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(SourceText.MAX_BYTES + 1L);
        }
        assertOne(file, "is larger than 16 MiB");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileWithoutAnEnd() {
        assertOne(Path.of("/dev/zero"), "is larger than 16 MiB");
    }

    @Test
    void otherEncodings() throws IOException {
        Path file = folder.resolve("a.yaml");
        Files.write(file, "site: east\n# é\n".getBytes(StandardCharsets.ISO_8859_1));
        assertOne(file, "a.yaml:2:3: error: is not UTF-8: there is a byte 0xe9; save the file as UTF-8");
        Files.write(file, "site: east\n".getBytes(StandardCharsets.UTF_16));
        assertOne(file, "is UTF-16; save the file as UTF-8");
        Files.write(file, "site: east\n".getBytes(Charset.forName("x-UTF-16LE-BOM")));
        assertOne(file, "is UTF-16; save the file as UTF-8");
    }

    @Test
    void aByteOrderMarkIsNoMatter() {
        assertEquals(List.of(), ConfigFileFixture.problems("\ufeff" + ConfigReference.everyKey()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    site: east\\n\\tgateway: x       | 2:1: error: a tab cannot begin a value or indent a line; indent with spaces
                    site: east: west                | 1:11: error: a colon is not allowed here
                    a: [1, 2                        | error: a comma or ] is missing before this
                    a: {b: 1\\nc: 2                 | error: a comma or } is missing before this
                    vnets:\\n  - a: 1\\n b: 2       | 3:2: error: this line is indented unlike those above it
                    site: east\\ngateway\\nlisten: 1 | error: a key without a colon
                    "site: east                     | error: is not YAML
                    a: &x 1\\nb: *x                 | 1:4: error: YAML anchors (&name) are not used here
                    b: *x                           | 1:4: error: YAML aliases (*name) are not used here
                    a: !!binary x                   | 1:4: error: YAML tags (!name) are not used here
                    ? [a, b]\\n: 1                  | 1:3: error: a key is a list or a group of keys
                    site: a\\n---\\nsite: b         | 2:1: error: a second document begins
                    <<: {site: a}                   | 1:1: error: unknown key "<<"
                    a: @x                           | 1:4: error: is not YAML
                    - a                             | 1:1: error: is a list; it takes the keys site
                    just words                      | 1:1: error: is a single value; it takes the keys
                    """)
    void whatYamlIsNotTakenFor(String text, String said) {
        List<String> problems =
                ConfigFileFixture.problems(text.replace("\\n", "\n").replace("\\t", "\t"));

        assertTrue(problems.get(0).startsWith("gateway.yaml:"), problems::toString);
        assertTrue(problems.stream().anyMatch(p -> p.contains(said)), problems::toString);
    }

    @Test
    void aBombOfAliases() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
        }
        assertEquals(1, ConfigFileFixture.problems(bomb.toString()).size());
    }

    @Test
    void bracketsWithoutAnEnd() {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            String deep = "a: " + "[".repeat(1 << 20);
            assertTrue(ConfigFileFixture.problems(deep).get(0).contains("nested too deeply"));
            String keys = IntStream.range(0, 5_000)
                    .mapToObj(i -> " ".repeat(i) + "a:\n")
                    .collect(Collectors.joining());
            assertTrue(ConfigFileFixture.problems(keys).get(0).contains("nested too deeply"));
        });
    }

    @Test
    void twentyThousandVnets() {
        StringBuilder text =
                new StringBuilder(ConfigReference.everyKey().replaceAll("(?s)    vnets: .*", "    vnets: []\n"));
        text.append("vnets:\n");
        for (int i = 1; i <= 20_000; i++) {
            text.append(
                    ("  - {name: v%d, vni: %d, attach: {tun: {device: vg%d, address: 10.0.0.254}}, members: [10.0.0.0/24],"
                                    + " policy: []}%n")
                            .formatted(i, i, i));
        }
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertEquals(
                        20_000,
                        ConfigFileFixture.config(text.toString()).vnets().size()));
    }

    @Test
    void aVnetOfManyPrefixesInOtherOnes() {
        String members = IntStream.range(0, 20_000)
                .mapToObj(i -> "10.%d.%d.%d".formatted(i >> 16, i >> 8 & 255, i & 255))
                .collect(Collectors.joining(", ", "[10.0.0.0/8, ", "]"));
        String text = ConfigReference.everyKey().replace("[10.0.0.0/24, 2001:db8:1::/64]", members);
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertFalse(ConfigFileFixture.problems(text).isEmpty()));
    }

    @Test
    void nothingInAMessageMovesTheCursor() {
        for (String problem :
                ConfigFileFixture.parse("\"a\\e[2Jb\\nc\": 1\nsite: \"\\u202e\\x07\"\n").problems().stream()
                        .map(ConfigProblem::toText)
                        .toList()) {
            assertTrue(problem.chars().allMatch(c -> c == '\n' || (c >= ' ' && c != 0x7f && c != 0x202e)), problem);
        }
        assertEquals(
                5,
                ConfigFileFixture.problems("site: \"a\\nb\"\n").size(),
                "one line each, and the missing keys with it");
    }

    @Test
    void theCaretIsBelowTheFault() {
        ConfigProblem problem = ConfigFileFixture.parse(
                        ConfigReference.everyKey().replace("# ", "").replace("vni: 5001", "vni:   no"))
                .problems()
                .get(0);

        String[] lines = problem.toText().split("\n", -1);
        assertEquals("    vni:   no", lines[1]);
        assertEquals("           ^", lines[2]);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("file.yaml"), text);
    }

    private static void assertOne(Path file, String said) {
        List<String> problems = ConfigReader.read(file, CompiledPolicy::compile).problems().stream()
                .map(ConfigProblem::toString)
                .toList();
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains(said), problems::toString);
    }
}
