package net.vgate.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.jspecify.annotations.Nullable;

/**
 * A site: a namespace for the gateway, and for each tenant one that has the TUN device, whose kernel forwards to the
 * tenant's LAN. Hosts are added one by one.
 */
final class Site {
    /** Longer than tunnels have to be up for their end to count as no refusal. */
    private static final double SETTLED_SECONDS = 6;

    private final TestBed bed;
    private final String name;
    private final Path folder;
    private final TestNetns wan;
    private final Map<String, TestNetns> tenants = new LinkedHashMap<>();
    private final Map<String, TestNetns> hosts = new LinkedHashMap<>();
    private @Nullable Path configuration;
    private @Nullable RunningGateway gateway;

    /** @param folder has the site's configuration, with the certificates in pki/ */
    Site(TestBed bed, String name, Path folder) {
        this.bed = bed;
        this.name = name;
        this.folder = folder;
        this.wan = bed.namespace(name + "-gw");
        // What is on the WAN is then the gateways' alone.
        wan.setting("net/ipv6/conf/default/disable_ipv6", "1");
    }

    String name() {
        return name;
    }

    /** Where the gateway's process runs. */
    TestNetns wan() {
        return wan;
    }

    /** Where the tenant's TUN device is; made when first asked for. */
    TestNetns tenant(String tenant) {
        return tenants.computeIfAbsent(tenant, missing -> {
            TestNetns netns = bed.namespace(name + "-" + tenant);
            netns.setting("net/ipv4/ip_forward", "1");
            netns.setting("net/ipv6/conf/all/forwarding", "1");
            return netns;
        });
    }

    /** The tenant's host of that address, on a link of its own; made when first asked for. */
    TestNetns host(String tenant, String address) {
        return hosts.computeIfAbsent(tenant + " " + address, missing -> newHost(tenant, address));
    }

    /** The tenant's end of the link to the host of that address. */
    static String lan(String address) {
        return "lan" + address.replaceFirst("^[^.:]+", "").replaceAll("[.:]+", "-");
    }

    private TestNetns newHost(String tenant, String address) {
        TestNetns inside = tenant(tenant);
        TestNetns host = bed.namespace(name + "-" + tenant + "-host");
        String link = lan(address);
        bed.link(inside, link, host, "lan");
        boolean isIpv6 = address.contains(":");
        String router = isIpv6 ? "fe80::1" : "169.254.0.1";
        inside.address(link, router + (isIpv6 ? "/64" : "/32"));
        inside.route(address, "dev", link);
        host.address("lan", address + (isIpv6 ? "/128" : "/32"));
        host.route(router, "dev", "lan");
        host.ip(isIpv6 ? "-6" : "-4", "route", "add", "default", "via", router, "dev", "lan");
        return host;
    }

    /**
     * Takes a file of config-samples as the site's configuration; its namespaces become those of this site, and its
     * admin socket goes to the test's folder.
     */
    void configureFromSample(String sample, UnaryOperator<String> change) {
        try {
            configure(change.apply(
                    Files.readString(Path.of(System.getProperty("vgate.root", ".."), "config-samples", sample))));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Writes the site's configuration; namespaces in it are called {@code SITE-TENANT}. */
    void configure(String yaml) {
        String text = yaml;
        for (Map.Entry<String, TestNetns> tenant : tenants.entrySet()) {
            text = text.replace(
                    "netns: " + name + "-" + tenant.getKey(),
                    "netns: " + tenant.getValue().name());
        }
        try {
            configuration =
                    Files.writeString(folder.resolve(name + ".yaml"), text + "\ncontrol: {socket: " + socket() + "}\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Changes the configuration; the gateway does not hear of it. */
    void change(UnaryOperator<String> change) {
        try {
            Files.writeString(configuration(), change.apply(Files.readString(configuration())));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A copy of the configuration, beside it, for a gateway with an admin socket of its own. */
    Path configurationWith(Path otherSocket) {
        try {
            Files.createDirectories(otherSocket.getParent());
            return Files.writeString(
                    folder.resolve("other-" + name + ".yaml"),
                    Files.readString(configuration()).replace(socket().toString(), otherSocket.toString()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The site's configuration file. */
    Path configuration() {
        return required(configuration, "configuration");
    }

    /** The admin socket. */
    Path socket() {
        return folder.resolve(name + ".sock");
    }

    /** Starts the gateway, and does not wait. */
    RunningGateway start(String... arguments) {
        RunningGateway started = RunningGateway.start(wan, configuration(), socket(), arguments);
        gateway = started;
        bed.onClose(started);
        return started;
    }

    /** The gateway, as last started. */
    RunningGateway gateway() {
        return required(gateway, "gateway");
    }

    /** Whether a gateway was started and has not ended. */
    boolean isRunning() {
        return gateway != null && gateway.isAlive();
    }

    /**
     * Waits until the tunnel to {@code other} has been up for so long that its end would not be taken for a refusal.
     */
    void awaitSettled(Site other) {
        gateway()
                .awaitTunnel(
                        other.name(),
                        "has been up for a while",
                        TwoSites.PAIRING,
                        tunnel -> tunnel.ageSeconds() != null && tunnel.ageSeconds() > SETTLED_SECONDS);
    }

    /** Waits until the tunnel to {@code other} is up at both ends. */
    void awaitPaired(Site other, Duration deadline) {
        TestBed.await(
                name + " and " + other.name() + " are paired",
                deadline,
                () -> gateway().isUp(other.name()) && other.gateway().isUp(name));
    }

    private <T> T required(@Nullable T thing, String what) {
        if (thing == null) {
            throw new IllegalStateException(name + " has no " + what + " yet");
        }
        return thing;
    }

    @Override
    public String toString() {
        return name;
    }
}
