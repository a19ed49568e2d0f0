package net.vgate.observe;

import java.time.Instant;
import java.util.List;
import net.vgate.observe.StatusReport.Aead;
import net.vgate.observe.StatusReport.Configuration;
import net.vgate.observe.StatusReport.Drop;
import net.vgate.observe.StatusReport.Failure;
import net.vgate.observe.StatusReport.Gateway;
import net.vgate.observe.StatusReport.HandshakeDatagrams;
import net.vgate.observe.StatusReport.HandshakeFailures;
import net.vgate.observe.StatusReport.Handshakes;
import net.vgate.observe.StatusReport.Name;
import net.vgate.observe.StatusReport.Offload;
import net.vgate.observe.StatusReport.Path;
import net.vgate.observe.StatusReport.Records;
import net.vgate.observe.StatusReport.RefusedVnet;
import net.vgate.observe.StatusReport.Relay;
import net.vgate.observe.StatusReport.Reload;
import net.vgate.observe.StatusReport.Remote;
import net.vgate.observe.StatusReport.RevocationList;
import net.vgate.observe.StatusReport.Rule;
import net.vgate.observe.StatusReport.Site;
import net.vgate.observe.StatusReport.Streams;
import net.vgate.observe.StatusReport.Traffic;
import net.vgate.observe.StatusReport.Translation;
import net.vgate.observe.StatusReport.Tunnel;
import net.vgate.observe.StatusReport.Vnet;

/** Reports that show every form that a gateway's status takes. */
public final class SampleReports {
    /** The moment that the reports are about. */
    public static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private SampleReports() {}

    /** Two peers, one up and one down; two V-nets; a refused reload and a key log. */
    public static StatusReport busy() {
        return new StatusReport(
                new Gateway(
                        "east",
                        "east-1",
                        "0.1.0",
                        NOW.minusSeconds(93_784),
                        93_784.25,
                        "0.0.0.0:4433",
                        NOW.plusSeconds(89 * 86_400L),
                        new Aead("ipsec-mb", "1.3.0", null),
                        "/root/keys.log",
                        true,
                        3,
                        new HandshakeDatagrams(4_711, 42),
                        List.of(
                                new HandshakeFailures("client", "no_answer", 12),
                                new HandshakeFailures("server", "expired", 3)),
                        new Streams(7, 2, 1, 0, 5),
                        List.of(new RevocationList("CN=vgate CA", NOW.minusSeconds(7_200)))),
                new Configuration(
                        "/etc/vgate/east.yaml",
                        7,
                        NOW.minusSeconds(720),
                        new Reload(
                                NOW.minusSeconds(120),
                                false,
                                List.of("/etc/vgate/east.yaml:3:5: vni: 0 is too small"))),
                List.of(new Offload("tso", true, null), new Offload("uso", false, "refused: Invalid argument")),
                List.of(
                        new Site(
                                "west",
                                List.of("west-1"),
                                2,
                                0.71,
                                1_204,
                                new StatusReport.Fragments(52_000, 48_010, 24_003)),
                        new Site("north", List.of(), 0, null, 0, StatusReport.Fragments.NONE)),
                List.of(up(), down()),
                List.of(blue(), red()),
                List.of(
                        new Drop("classify", "spoofed_source", null, 12),
                        new Drop("permit_out", "policy", "west", 1_234_567),
                        new Drop("open", "replay", "west", 1)),
                List.of(
                        new Name("gw.west.example.net", List.of("198.51.100.2"), 12, 0, null),
                        new Name(
                                "gw.north.example.net",
                                List.of(),
                                7,
                                7,
                                new Failure(NOW.minusSeconds(4), "Name or service not known"))),
                List.of(
                        new Relay("north/north-1", "west/west-1", true, 12_345, 9_876_543, 7),
                        new Relay("west/west-1", "north/north-1", false, 0, 0, 0)));
    }

    /** Just started: nothing has happened, nobody has answered. */
    public static StatusReport idle() {
        return new StatusReport(
                new Gateway(
                        "east",
                        "east-1",
                        "0.1.0",
                        NOW,
                        0.5,
                        "0.0.0.0:4433",
                        NOW.plusSeconds(86_400),
                        new Aead("sunjce", "17", "ipsec-mb cannot be used: it is not installed"),
                        null,
                        false,
                        0,
                        new HandshakeDatagrams(0, 0),
                        List.of(),
                        null,
                        List.of()),
                new Configuration("/etc/vgate/east.yaml", 1, NOW, null),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static Tunnel up() {
        return new Tunnel(
                "west",
                "west-1",
                "established",
                true,
                true,
                null,
                1,
                "client",
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "ipsec-mb",
                "192.0.2.1",
                "198.51.100.2:4433",
                754.5,
                0.25,
                0.0012,
                1_500,
                new Records(1_200_000, 1_610_612_736),
                new Records(900_000, 52_428_800),
                4,
                new Handshakes(5, 1, new Failure(NOW.minusSeconds(86_400), "no answer within 2.5 s")),
                NOW.plusSeconds(20 * 86_400L),
                List.of(
                        new Path("192.0.2.1", "198.51.100.2:4433", true, true, 0.0012, 0.03125),
                        new Path("192.0.2.9", "203.0.113.2:4433", false, false, null, 1.0)),
                List.of(new RefusedVnet(
                        "blue", "below_class", "aes-256-gcm over udp", "the tunnel has aes-128-gcm over tcp")),
                "tcp",
                "UDP: echoes stayed away",
                2_845.5);
    }

    private static Tunnel down() {
        return new Tunnel(
                "north",
                "north-1",
                "handshaking",
                false,
                false,
                null,
                1,
                null,
                null,
                null,
                null,
                "[2001:db8::7]:4433",
                null,
                null,
                null,
                null,
                new Records(0, 0),
                new Records(0, 0),
                0,
                new Handshakes(0, 12, new Failure(NOW.minusSeconds(2), "certificate expired 2026-11-20T00:00:00Z")),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    private static Vnet blue() {
        return new Vnet(
                "blue",
                5001,
                "l3",
                "gold",
                "vg-blue",
                "blue",
                1397,
                new Traffic(1_000_000, 1_503_238_553),
                new Traffic(800_000, 41_943_040),
                new Traffic(10, 840),
                213,
                65_536,
                List.of(new Translation("west", "10.0.0.0/24", "100.64.1.0/24")),
                List.of(new Remote("west", List.of("100.64.2.0/24"))),
                List.of(
                        new Rule("{out: tcp, to: 100.64.2.0/24, ports: [443, 5432]}", 58, 208, 12L),
                        new Rule("{in: icmp, from: 100.64.2.0/24}", 59, 0, null)),
                new StatusReport.Denied(0, null),
                new StatusReport.Denied(1_377, 3L),
                List.of(new StatusReport.Limit("west", 50_000_000, 1_311, 0.0052, 97, 12_400)));
    }

    private static Vnet red() {
        return new Vnet(
                "red",
                5002,
                "l3",
                "default",
                "vg-red",
                null,
                1397,
                new Traffic(0, 0),
                new Traffic(0, 0),
                new Traffic(0, 0),
                0,
                65_536,
                List.of(),
                List.of(),
                List.of(),
                new StatusReport.Denied(0, null),
                new StatusReport.Denied(0, null),
                List.of());
    }
}
