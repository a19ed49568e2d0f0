package net.vgate.system;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.PkiException;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;

/**
 * The sites of config-samples/two-sites, with a host for each tenant at each site; all four hosts have the address
 * {@link #HOST}.
 *
 * <pre>
 *   east-blue-host -- east-blue                          west-blue -- west-blue-host
 *     10.0.0.10        vg-blue    east-gw ==WAN== west-gw  vg-blue      10.0.0.10
 *                      vg-red   198.51.100.1 198.51.100.2  vg-red
 *   east-red-host --- east-red                           west-red --- west-red-host
 * </pre>
 */
final class TwoSites implements AutoCloseable {
    static final List<String> TENANTS = List.of("blue", "red");
    static final String HOST = "10.0.0.10";
    /** How site west sees the hosts of site east. */
    static final String EAST_ALIAS = "100.64.1.10";
    /** How site east sees the hosts of site west. */
    static final String WEST_ALIAS = "100.64.2.10";

    static final String EAST_WAN = "198.51.100.1";
    static final String WEST_WAN = "198.51.100.2";
    static final int UDP_PORT = 4433;
    /** Which the samples' policy permits. */
    static final int OPEN_PORT = 8080;

    static final int CLOSED_PORT = 8443;

    /** To begin with, and with the virtual machines cold. */
    static final Duration PAIRING = Duration.ofSeconds(20);

    private final TestBed bed;
    private final Site east;
    private final Site west;
    private final TestNetns underlay;

    /** What the sites' gateways are joined by. */
    private enum Underlay {
        LINK,
        BRIDGE,
        ROUTER
    }

    private TwoSites(TestBed bed, Underlay kind) {
        this.bed = bed;
        Path folder = bed.folder();
        east = new Site(bed, "east", folder);
        west = new Site(bed, "west", folder);
        switch (kind) {
            case LINK -> {
                underlay = east.wan();
                bed.link(east.wan(), "wan", EAST_WAN + "/24", west.wan(), "wan", WEST_WAN + "/24");
            }
            case BRIDGE -> {
                underlay = Wan.create(bed);
                Wan.join(bed, underlay, east, EAST_WAN + "/24");
                Wan.join(bed, underlay, west, WEST_WAN + "/24");
            }
            case ROUTER -> {
                underlay = Wan.createRouter(bed);
                Wan.route(bed, underlay, east, EAST_WAN);
                Wan.route(bed, underlay, west, WEST_WAN);
            }
            default -> throw new AssertionError(kind);
        }
        for (String tenant : TENANTS) {
            east.host(tenant, HOST);
            west.host(tenant, HOST);
        }
    }

    /** Configured, and not started. {@code change} sees each site's file. */
    static TwoSites configured(UnaryOperator<String> change) {
        return configured(Underlay.LINK, change);
    }

    /** Configured, and not started; others may join the WAN, by {@link Wan#join}. */
    static TwoSites onBridge(UnaryOperator<String> change) {
        return configured(Underlay.BRIDGE, change);
    }

    /**
     * Configured, and not started, with a router between them whose devices are called {@code east} and {@code west}.
     */
    static TwoSites throughRouter(UnaryOperator<String> change) {
        return configured(Underlay.ROUTER, change);
    }

    private static TwoSites configured(Underlay kind, UnaryOperator<String> change) {
        TwoSites sites = new TwoSites(TestBed.create(), kind);
        Path folder = sites.bed.folder();
        authority(folder, "pki", "test authority");
        issue(folder, "pki", "east", "east-1");
        issue(folder, "pki", "west", "west-1");
        sites.east.configureFromSample("two-sites/east.yaml", change);
        sites.west.configureFromSample("two-sites/west.yaml", change);
        return sites;
    }

    /** Running and paired, with the samples as they are. */
    static TwoSites paired() {
        return paired(UnaryOperator.identity());
    }

    /** Running and paired. */
    static TwoSites paired(UnaryOperator<String> change) {
        TwoSites sites = configured(change);
        try {
            sites.startBoth();
            return sites;
        } catch (Throwable failed) {
            sites.close();
            throw failed;
        }
    }

    /** Makes an authority in a folder called {@code pki} below {@code folder}. */
    static void authority(Path folder, String pki, String name) {
        try {
            CertificateAuthority.create(folder.resolve(pki), name, Duration.ofDays(1), Instant.now(), false);
        } catch (PkiException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Issues a certificate, as {@code pki/GATEWAY.crt} and {@code pki/GATEWAY.key}. */
    static void issue(Path folder, String pki, String site, String gateway) {
        issue(folder, pki, site, gateway, Instant.now());
    }

    /** Issues a certificate that is good for an hour from {@code from} on. */
    static void issue(Path folder, String pki, String site, String gateway, Instant from) {
        Path path = folder.resolve(pki);
        try {
            CertificateAuthority.load(path).issue(path, site, gateway, Duration.ofHours(1), from, true);
        } catch (PkiException failed) {
            throw new AssertionError(failed);
        }
    }

    TestBed bed() {
        return bed;
    }

    /** What the sites are joined by, when that is a bridge or a router. */
    TestNetns underlay() {
        return underlay;
    }

    Site east() {
        return east;
    }

    Site west() {
        return west;
    }

    /** Starts both at once, and waits until they are paired. */
    void startBoth() {
        east.start();
        west.start();
        east.gateway().awaitStarted();
        west.gateway().awaitStarted();
        east.awaitPaired(west, PAIRING);
    }

    /** A file in the test's folder. */
    Path file(String name) {
        return bed.folder().resolve(name);
    }

    /** The tenant's host at a site. */
    TestNetns host(Site site, String tenant) {
        return site.host(tenant, HOST);
    }

    @Override
    public void close() {
        bed.close();
    }
}
