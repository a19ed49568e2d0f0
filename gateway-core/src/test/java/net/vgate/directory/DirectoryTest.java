package net.vgate.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import net.vgate.attachment.MemberStation;
import net.vgate.forwarding.MemberState;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DirectoryTest {
    private static final String MAC = "02:00:00:00:00:07";

    @TempDir
    Path folder;

    private static MemberChange joined(String vnet, String address) {
        return new MemberChange(vnet, address(address), Optional.of(MemberState.JOINED));
    }

    private static MemberChange expected(String vnet, String address) {
        return new MemberChange(vnet, address(address), Optional.of(MemberState.EXPECTED));
    }

    private static MemberChange removed(String vnet, String address) {
        return new MemberChange(vnet, address(address), Optional.empty());
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static void apply(Directory directory, MemberChange... changes) {
        directory.apply(now -> List.of(changes));
    }

    /** As it is listed, and where it has to be. */
    private static Map<String, String> written(Directory directory) {
        Map<String, String> all = new HashMap<>();
        directory
                .vnets()
                .forEach(vnet -> directory.members(vnet).forEach((address, state) -> {
                    MemberStation station = directory.members(vnet).station(address.hi(), address.lo());
                    String where = station == null ? "" : " " + station.mac() + " " + station.locator();
                    all.put(vnet + " " + address, state + where);
                }));
        return all;
    }

    private static MemberChange at(String vnet, String address, @Nullable String mac, @Nullable String locator) {
        MemberStation station = new MemberStation(
                mac == null ? null : MacAddress.parse(mac).orElseThrow(), locator == null ? null : address(locator));
        return new MemberChange(vnet, address(address), Optional.of(MemberState.JOINED), station);
    }

    private static Map<String, MemberState> listed(Directory directory) {
        Map<String, MemberState> all = new HashMap<>();
        directory
                .vnets()
                .forEach(vnet ->
                        directory.members(vnet).forEach((address, state) -> all.put(vnet + " " + address, state)));
        return all;
    }

    private static String refusal(Path file) {
        return String.valueOf(assertThrows(DirectoryException.class, () -> Directory.open(file))
                .getMessage());
    }

    private Path file() {
        return folder.resolve("east.directory");
    }

    @Test
    void whatWasTakenIsThereAfterARestart() throws IOException {
        long revision;
        try (Directory directory = Directory.open(file())) {
            apply(directory, joined("blue", "10.0.0.7"), expected("blue", "fd00::8"), joined("red", "10.0.0.7"));
            apply(directory, removed("red", "10.0.0.7"), joined("blue", "fd00::8"));
            revision = directory.revision();
        }
        try (Directory directory = Directory.open(file())) {
            assertEquals(revision, directory.revision());
            assertEquals(0, directory.discardedBytes());
            assertEquals(
                    Map.of("blue 10.0.0.7", MemberState.JOINED, "blue fd00::8", MemberState.JOINED), listed(directory));
            assertEquals(List.of("blue"), directory.vnets());
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void whatTheCheckRefusesChangesNothing() {
        try (Directory directory = Directory.open(file())) {
            apply(directory, joined("blue", "10.0.0.7"));
            long revision = directory.revision();
            assertThrows(
                    IllegalStateException.class,
                    () -> directory.apply(now -> {
                        throw new IllegalStateException("no");
                    }));
            assertEquals(revision, directory.revision());
            assertTrue(directory
                    .members("blue")
                    .isJoined(address("10.0.0.7").hi(), address("10.0.0.7").lo()));
        }
    }

    /** Whatever of the file a crash leaves, a change is there whole or not at all, and the next one is taken. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatEndsAnywhereIsWhatCountedUpToThere(boolean hasStations) throws IOException {
        List<Map<String, String>> states = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        try (Directory directory = Directory.open(file())) {
            if (hasStations) {
                apply(directory, at("blue", "10.0.0.4", MAC, null), at("red", "fd00::4", null, "192.0.2.11"));
            }
            states.add(written(directory));
            ends.add(Files.size(file()));
            apply(
                    directory,
                    joined("blue", "10.0.0.1"),
                    hasStations ? at("blue", "10.0.0.2", MAC, "192.0.2.11") : joined("blue", "10.0.0.2"),
                    expected("red", "10.0.0.3"));
            states.add(written(directory));
            ends.add(Files.size(file()));
            MemberChange moved = hasStations ? at("blue", "10.0.0.2", MAC, "192.0.2.12") : expected("blue", "10.0.0.2");
            apply(directory, removed("blue", "10.0.0.1"), joined("red", "10.0.0.3"), moved);
            states.add(written(directory));
            ends.add(Files.size(file()));
        }
        byte[] whole = Files.readAllBytes(file());
        for (int length = ends.get(0).intValue(); length <= whole.length; length++) {
            Path cut = folder.resolve("cut" + length);
            byte[] part = new byte[length];
            System.arraycopy(whole, 0, part, 0, length);
            Files.write(cut, part);
            int counted = 0;
            while (counted + 1 < ends.size() && ends.get(counted + 1) <= length) {
                counted++;
            }
            try (Directory directory = Directory.open(cut)) {
                assertEquals(states.get(counted), written(directory), "of " + length + " bytes");
                assertEquals(length - ends.get(counted), directory.discardedBytes());
                apply(directory, joined("green", "10.0.0.9"));
            }
            try (Directory directory = Directory.open(cut)) {
                assertEquals(states.get(counted).size() + 1, listed(directory).size());
            }
        }
    }

    /**
     * A byte that is another one is noticed, wherever it is; only in the last change it may pass for one that was not
     * taken.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damageIsRefusedWithItsLine(boolean hasStations) throws IOException {
        long end;
        try (Directory directory = Directory.open(file())) {
            apply(
                    directory,
                    hasStations ? at("blue", "10.0.0.1", MAC, "192.0.2.11") : joined("blue", "10.0.0.1"),
                    hasStations ? at("blue", "10.0.0.2", null, "2001:db8::11") : joined("blue", "10.0.0.2"));
            end = Files.size(file());
            apply(directory, joined("blue", "10.0.0.3"));
        }
        byte[] whole = Files.readAllBytes(file());
        SplittableRandom random = new SplittableRandom(7);
        for (int at = 0; at < end; at++) {
            Path damaged = folder.resolve("damaged" + at);
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << random.nextInt(7));
            Files.write(damaged, bytes);
            String line = refusal(damaged);
            assertTrue(line.matches("directory .*: line \\d .*; put back a copy .*"), line);
        }
    }

    /** A disk may write a change's last line before its others, and then lose its power. */
    @Test
    void aLastChangeOfWhichAPartIsMissingDoesNotCount() throws IOException {
        long end;
        try (Directory directory = Directory.open(file())) {
            apply(directory, joined("blue", "10.0.0.1"));
            end = Files.size(file());
            apply(directory, joined("blue", "10.0.0.2"), joined("blue", "10.0.0.3"));
        }
        byte[] bytes = Files.readAllBytes(file());
        for (long at = end; at < end + 30; at++) {
            bytes[(int) at] = 0;
        }
        Files.write(file(), bytes);
        try (Directory directory = Directory.open(file())) {
            assertEquals(Map.of("blue 10.0.0.1", MemberState.JOINED), listed(directory));
            assertEquals(bytes.length - end, directory.discardedBytes());
        }
    }

    @Test
    void twoProcessesDoNotHaveItAtOnce() {
        try (Directory directory = Directory.open(file())) {
            String line = refusal(file());
            assertTrue(line.contains("another process has it"), line);
            apply(directory, joined("blue", "10.0.0.7"));
        }
        Directory.open(file()).close();
    }

    @Test
    void aMissingFolderIsSaidInALine() {
        Path missing = folder.resolve("missing/east.directory");
        assertEquals("directory " + missing + ": " + missing + ".lock: no such file or folder", refusal(missing));
    }

    /** Coming and going does not make the file longer and longer. */
    @Test
    void theFileIsWrittenAnewWhenMostOfItDoesNotCount() throws IOException {
        List<MemberChange> come = new ArrayList<>();
        List<MemberChange> go = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            String address = "10.1." + i / 250 + "." + i % 250;
            come.add(joined("blue", address));
            go.add(removed("blue", address));
        }
        long largest = 0;
        try (Directory directory = Directory.open(file())) {
            apply(directory, expected("red", "10.0.0.7"));
            for (int round = 0; round < 8; round++) {
                directory.apply(now -> come);
                directory.apply(now -> go);
                largest = Math.max(largest, Files.size(file()));
            }
            assertTrue(largest < 1_000_000, largest + " bytes");
            assertEquals(Optional.empty(), directory.problem());
            apply(directory, joined("blue", "10.0.0.8"));
        }
        assertFalse(Files.exists(folder.resolve("east.directory.next")));
        try (Directory directory = Directory.open(file())) {
            assertEquals(
                    Map.of("red 10.0.0.7", MemberState.EXPECTED, "blue 10.0.0.8", MemberState.JOINED),
                    listed(directory));
        }
    }

    @Test
    void whereAMemberHasToBeOutlivesARestart() throws IOException {
        Map<String, String> expected = Map.of(
                "blue 10.0.0.1", "JOINED " + MAC + " null",
                "blue fd00::2", "JOINED null 2001:db8::11",
                "red 10.0.0.1", "JOINED " + MAC + " 192.0.2.11",
                "red 10.0.0.2", "JOINED",
                "red 10.0.0.3", "EXPECTED");
        try (Directory directory = Directory.open(file())) {
            apply(directory, expected("red", "10.0.0.3"), at("red", "10.0.0.2", MAC, null));
            apply(directory, at("blue", "10.0.0.1", MAC, null), at("blue", "fd00::2", null, "2001:db8::11"));
            apply(directory, at("red", "10.0.0.1", MAC, "192.0.2.11"), joined("red", "10.0.0.2"));
            assertEquals(expected, written(directory));
        }
        try (Directory directory = Directory.open(file())) {
            assertEquals(expected, written(directory));
            // It is not where it was when it comes again.
            apply(directory, removed("red", "10.0.0.1"));
            apply(directory, joined("red", "10.0.0.1"));
            assertEquals("JOINED", written(directory).get("red 10.0.0.1"));
        }
    }

    /** As long as nobody writes where a member has to be, an earlier gateway can read the file; then it must not. */
    @Test
    void aFileOfAnEarlierVersionIsReadAndBecomesOneOfThisWhenThatIsNeeded() throws IOException {
        String earlier = """
                vgate-directory 1 0
                commit 1 0 00000000
                set blue 10.0.0.1 joined
                set blue 10.0.0.2 expected
                commit 2 2 CHECKSUM
                """;
        CRC32C checksum = new CRC32C();
        checksum.update("set blue 10.0.0.1 joined\nset blue 10.0.0.2 expected\n".getBytes(StandardCharsets.UTF_8));
        Files.writeString(file(), earlier.replace("CHECKSUM", String.format(Locale.ROOT, "%08x", checksum.getValue())));
        try (Directory directory = Directory.open(file())) {
            assertEquals(2, directory.revision());
            apply(directory, joined("red", "10.0.0.3"));
            assertTrue(Files.readString(file()).startsWith("vgate-directory 1 0\n"));
            apply(directory, at("red", "10.0.0.3", MAC, null));
            assertTrue(Files.readString(file()).startsWith("vgate-directory 2 3\n"));
            assertEquals(5, directory.revision());
        }
        try (Directory directory = Directory.open(file())) {
            assertEquals(
                    Map.of(
                            "blue 10.0.0.1", "JOINED",
                            "blue 10.0.0.2", "EXPECTED",
                            "red 10.0.0.3", "JOINED " + MAC + " null"),
                    written(directory));
        }
        String later = Files.readString(file()).replace("vgate-directory 2", "vgate-directory 1");
        Files.writeString(file(), later + "set blue 10.0.0.4 joined\n");
        assertTrue(refusal(file()).contains(": line 6 is not understood;"), "an earlier version cannot say that");
    }

    /** When the file is written anew since most of it does not count, stations are in it. */
    @Test
    void whatIsWrittenAnewKeepsWhereMembersHaveToBe() throws IOException {
        try (Directory directory = Directory.open(file())) {
            apply(directory, at("red", "10.0.0.1", MAC, "192.0.2.11"));
            for (int round = 0; round < 8; round++) {
                List<MemberChange> come = new ArrayList<>();
                for (int i = 0; i < 2_000; i++) {
                    come.add(joined("blue", "10.1." + i / 250 + "." + i % 250));
                }
                directory.apply(now -> come);
            }
            assertTrue(Files.size(file()) < 500_000, Files.size(file()) + " bytes");
        }
        try (Directory directory = Directory.open(file())) {
            assertEquals("JOINED " + MAC + " 192.0.2.11", written(directory).get("red 10.0.0.1"));
        }
    }
}
