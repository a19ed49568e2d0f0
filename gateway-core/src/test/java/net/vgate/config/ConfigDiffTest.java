package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.vgate.packet.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigDiffTest {
    private static final String BASE = ConfigReference.everyKey().replace("10.0.0.254/24", "10.0.0.254/8");

    static Stream<Arguments> changes() {
        return Stream.of(
                change("gateway: east-1", "gateway: east-2", "CHANGED gateway gateway: east-1 -> east-2 RESTART"),
                change(
                        "\"0.0.0.0:4433\"",
                        "\"0.0.0.0:4434\"",
                        "CHANGED gateway listen.udp: 0.0.0.0:4433 -> 0.0.0.0:4434 RESTART"),
                change(
                        "\"0.0.0.0:4433\"",
                        "[\"0.0.0.0:4433\", \"[::]:443\"]",
                        "CHANGED gateway listen.udp:  -> [::]:443 RESTART"),
                change(", tcp: \"[::]:443\"", "", "CHANGED gateway listen.tcp: [::]:443 ->  RESTART"),
                change("after: 1h", "after: 90m", "CHANGED gateway tunnel.rekey.after: 1h -> 90m LIVE"),
                change("64GiB", "1025MiB", "CHANGED gateway tunnel.rekey.bytes: 64GiB -> 1025MiB LIVE"),
                change(
                        "198.51.100.2:4433",
                        "198.51.100.3:4433",
                        "CHANGED peer west gateways[west-1].udp: 198.51.100.2:4433 -> 198.51.100.3:4433 LIVE"),
                change(
                        "name: west-2",
                        "name: west-3",
                        "CHANGED peer west gateways: west-1, west-2 -> west-1, west-3 LIVE",
                        "CHANGED peer west gateways[west-3].udp:  -> 198.51.100.4:4433 LIVE",
                        "CHANGED peer west gateways[west-3].priority:  -> 0 LIVE",
                        "CHANGED peer west gateways[west-3].weight:  -> 1 LIVE",
                        "CHANGED peer west gateways[west-3].roaming:  -> true LIVE"),
                change("vnets: [blue]", "vnets: [blue, red]", "ADDED peer west vnets:  -> red LIVE"),
                change("vni: 5001", "vni: 5003", "CHANGED vnet blue vni: 5001 -> 5003 LIVE"),
                change(
                        "device: vg-blue",
                        "device: vg-b",
                        "CHANGED vnet blue attach.tun.device: vg-blue -> vg-b DEVICE"),
                change(
                        ", mtu: 1380}\n    members: [10.0.0.0/24, ",
                        "}\n    members: [10.0.0.0/24, ",
                        "CHANGED vnet blue attach.tun.mtu: 1380 ->  DEVICE"),
                change(
                        "02:00:5e:00:01:01",
                        "02:00:5e:00:01:02",
                        "CHANGED vnet red attach.tap.mac: 02:00:5e:00:01:01 -> 02:00:5e:00:01:02 DEVICE"),
                change("bridge: br-red, ", "", "CHANGED vnet red attach.tap.bridge: br-red ->  DEVICE"),
                change(
                        "[100.64.2.0/24, 2001",
                        "[100.64.2.0/24, 100.64.3.0/24, 2001",
                        "ADDED vnet blue remote:  -> 100.64.3.0/24 at west LIVE"),
                change(
                        "as: 100.64.1.0/24",
                        "as: 100.64.7.0/24",
                        "REMOVED vnet blue translate: {peer: west, local: 10.0.0.0/24, as: 100.64.1.0/24} ->  LIVE",
                        "ADDED vnet blue translate:  -> {peer: west, local: 10.0.0.0/24, as: 100.64.7.0/24} LIVE"),
                change(
                        "      - {in: udp, ports: 53, stateless: true}\n",
                        "",
                        "REMOVED vnet blue policy: {in: udp, ports: [53], stateless: true} ->  LIVE"),
                change(
                        "8000-8010",
                        "8000-8011",
                        "REMOVED vnet blue policy: {out: tcp, from: 10.0.0.0/25, to: 100.64.2.0/24, ports: [443, 8000-8010]} ->  LIVE",
                        "ADDED vnet blue policy:  -> {out: tcp, from: 10.0.0.0/25, to: 100.64.2.0/24, ports: [443, 8000-8011]} LIVE"),
                change(
                        "name: red",
                        "name: grey",
                        "REMOVED vnet red : vni 5002, device vg-red ->  LIVE",
                        "ADDED vnet grey :  -> vni 5002, device vg-red LIVE"));
    }

    private static Arguments change(String before, String after, String... said) {
        return Arguments.of(before, after, List.of(said));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("changes")
    void saysWhatChangesAndWhatItTakes(String before, String after, List<String> said) {
        assertTrue(BASE.contains(before), "nothing is changed");
        ConfigDiff diff = ConfigDiff.between(
                ConfigFileFixture.config(BASE), ConfigFileFixture.config(BASE.replace(before, after)));

        assertEquals(said, diff.changes().stream().map(ConfigDiffTest::text).toList());
        assertEquals(said.get(0).endsWith("RESTART"), diff.needsRestart());
        assertEquals(
                said.stream()
                        .filter(change -> change.endsWith("DEVICE"))
                        .map(change -> change.replaceAll("\\w+ vnet (\\w+) .*", "$1"))
                        .collect(Collectors.toSet()),
                diff.pausedVnets());
    }

    private static String text(ConfigDiff.Change change) {
        return "%s %s %s: %s -> %s %s"
                .formatted(
                        change.kind(),
                        change.subject(),
                        change.key(),
                        change.before(),
                        change.after(),
                        change.effect());
    }

    /** With a comparison of each with each this takes hours. */
    @Test
    @Timeout(60)
    void findsOneMemberAmongManyAndListsNoThousands() {
        GatewayConfig many = ConfigFileFixture.config(withMembers(100_000));
        GatewayConfig oneMore = ConfigFileFixture.config(withMembers(100_001));
        List<ConfigDiff.Change> added = ConfigDiff.between(many, oneMore).changes();
        assertEquals(List.of("ADDED vnet red members:  -> 10.3.13.65/32 LIVE"), texts(added));

        List<ConfigDiff.Change> removed =
                ConfigDiff.between(oneMore, ConfigFileFixture.config(BASE)).changes();
        assertEquals(102, removed.size());
        assertEquals("REMOVED vnet red members: 99,901 more ->  LIVE", text(removed.get(100)));
        assertEquals("ADDED vnet red members:  -> 10.0.0.0/24 LIVE", text(removed.get(101)));
    }

    /** Every second address from 10.0.0.1 on, so without the gateway's own. */
    private static String withMembers(int count) {
        String members = IntStream.range(0, count)
                .mapToObj(i -> IpAddress.ofIpv4((10 << 24) + 2 * i + 1).toString())
                .collect(Collectors.joining(", "));
        int red = BASE.indexOf("name: red");
        return BASE.substring(0, red) + BASE.substring(red).replaceFirst("\\[10\\.0\\.0\\.0/24]", "[" + members + "]");
    }

    private static List<String> texts(List<ConfigDiff.Change> changes) {
        return changes.stream().map(ConfigDiffTest::text).toList();
    }

    @Test
    void theSameFileDiffersNowhere() {
        assertTrue(ConfigDiff.between(ConfigFileFixture.config(BASE), ConfigFileFixture.config(BASE))
                .isEmpty());
    }

    /** A key that the diff forgets is a change that is never taken over: each leaf of the table is in it. */
    @Test
    void noKeyIsForgotten() {
        Set<String> compared = new HashSet<>();
        ConfigFacts.of(ConfigFileFixture.config(BASE))
                .forEach((name, subject) ->
                        subject.facts().forEach(fact -> compared.add(fact.key().replaceAll("\\[.*?]", ""))));

        // Names are what things are known by; rules, prefixes and gateways are compared as wholes.
        Set<String> whole = Set.of("translate", "remote", "policy");
        for (Key<?> key : ConfigKeys.VNET_KEYS.keys()) {
            boolean isCompared =
                    compared.stream().anyMatch(c -> c.equals(key.name()) || c.startsWith(key.name() + "."));
            boolean isName = key.equals(ConfigKeys.VNET_NAME);
            // Only one kind can be configured yet.
            boolean isKind = key.equals(ConfigKeys.KIND);
            // Asked of a file; nothing that a gateway has.
            boolean isTest = key.equals(ConfigKeys.POLICY_TESTS);
            assertTrue(isCompared || isName || isKind || isTest || whole.contains(key.name()), key.name());
        }
        for (Key<?> key : AttachmentKeys.TUN_KEYS.keys()) {
            assertTrue(compared.contains("attach.tun." + key.name()), key.name());
        }
        for (Key<?> key : AttachmentKeys.TAP_KEYS.keys()) {
            assertTrue(compared.contains("attach.tap." + key.name()), key.name());
        }
        for (Key<?> key : AttachmentKeys.VTEP_KEYS.keys()) {
            assertTrue(compared.contains("attach.vtep." + key.name()), key.name());
        }
        for (Section section : List.of(ConfigKeys.REKEY_KEYS, ConfigKeys.LIVENESS_KEYS)) {
            section.keys()
                    .forEach(key -> assertTrue(
                            compared.stream().anyMatch(c -> c.startsWith("tunnel.") && c.endsWith("." + key.name())),
                            key.name()));
        }
        for (Section section : List.of(
                ConfigKeys.IDENTITY_KEYS, ConfigKeys.LISTEN_KEYS, ConfigKeys.OBSERVE_KEYS, ConfigKeys.CONTROL_KEYS)) {
            section.keys()
                    .forEach(key ->
                            assertTrue(compared.stream().anyMatch(c -> c.endsWith("." + key.name())), key.name()));
        }
        assertFalse(compared.isEmpty());
    }
}
