package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Streams through proxies as Debian has them, with no more configuration than their manuals show for an upgrade. The
 * gateway's end is always at port 8443, the proxy at one of its own.
 */
@SystemTest
final class StreamProxiesIT {
    private static final int SERVER = 8_443;
    private static final String ALL_ECHOED = "echoed 1500 of 1500";
    private static final String HYBRID = "tls TLSv1.3 X25519MLKEM768";

    /** What the gateway's own certificate says, and the proxies'. */
    private static final String OURS = "certificate CN=self";

    private static final String PROXYS = "certificate CN=proxy";

    private TestBed bed;
    private TestNetns netns;

    @BeforeAll
    void prepare() {
        bed = TestBed.create();
        netns = bed.namespace("proxies");
        try {
            // Squid gives up root, and its helper has to read a file here.
            Files.setPosixFilePermissions(bed.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Path certificate = bed.folder().resolve("proxy.crt");
        Path key = bed.folder().resolve("proxy.key");
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=proxy",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        write("proxy.pem", text(certificate) + text(key));
    }

    @AfterAll
    void clear() {
        if (bed != null) {
            bed.close();
        }
    }

    @Test
    void passesNginxThatForwardsTheUpgrade() {
        startNginx(2_001, """
                http {
                    access_log off;
                    server {
                        listen 127.0.0.1:2001 ssl http2;
                        ssl_certificate FOLDER/proxy.crt;
                        ssl_certificate_key FOLDER/proxy.key;
                        ssl_protocols TLSv1.3;
                        location /.well-known/masque/ {
                            proxy_pass https://127.0.0.1:8443;
                            proxy_ssl_protocols TLSv1.3;
                            proxy_http_version 1.1;
                            proxy_set_header Upgrade $http_upgrade;
                            proxy_set_header Connection upgrade;
                        }
                    }
                }
                """);

        expect(probe(2_001), PROXYS, "open", "tls TLSv1.3 ", ALL_ECHOED, "refused 0");
    }

    @Test
    void isToldSoByNginxThatDoesNotForwardTheUpgrade() {
        startNginx(2_002, """
                http {
                    access_log off;
                    server {
                        listen 127.0.0.1:2002 ssl;
                        ssl_certificate FOLDER/proxy.crt;
                        ssl_certificate_key FOLDER/proxy.key;
                        ssl_protocols TLSv1.3;
                        location / {
                            proxy_pass https://127.0.0.1:8443;
                            proxy_ssl_protocols TLSv1.3;
                        }
                    }
                }
                """);

        expect(probe(2_002), "failed REFUSED the server answered 404 Not Found", "refused 1");
    }

    @Test
    void passesNginxThatForwardsTcp() {
        startNginx(2_003, """
                stream {
                    server {
                        listen 127.0.0.1:2003;
                        proxy_pass 127.0.0.1:8443;
                    }
                }
                """);

        expect(probe(2_003), OURS, "open", HYBRID, ALL_ECHOED);
    }

    @Test
    void passesHaproxyInHttpMode() {
        startHaproxy(2_004, """
                frontend public
                    mode http
                    bind 127.0.0.1:2004 ssl crt FOLDER/proxy.pem alpn h2,http/1.1
                    default_backend gateway
                backend gateway
                    mode http
                    server gateway 127.0.0.1:8443 ssl verify none
                """);

        expect(probe(2_004), PROXYS, "open", "tls TLSv1.3 ", ALL_ECHOED, "refused 0");
    }

    @Test
    void passesHaproxyInTcpMode() {
        startHaproxy(2_005, """
                listen public
                    mode tcp
                    bind 127.0.0.1:2005
                    server gateway 127.0.0.1:8443
                """);

        expect(probe(2_005), OURS, "open", HYBRID, ALL_ECHOED);
    }

    @Test
    void passesSquidByConnectWithBasicCredentials() {
        assumeInstalled("squid");
        String hash = Command.run("openssl", "passwd", "-apr1", "open sesame").strip();
        write("squid.users", "gateway:" + hash + "\n");
        write("squid.conf", """
                http_port 127.0.0.1:3128
                auth_param basic program /usr/lib/squid/basic_ncsa_auth FOLDER/squid.users
                auth_param basic realm squid
                acl known proxy_auth REQUIRED
                http_access allow known
                http_access deny all
                pid_filename none
                access_log none
                cache_log /dev/null
                cache deny all
                netdb_filename none
                pinger_enable off
                visible_hostname squid.example
                max_filedescriptors 1024
                """);
        netns.start(List.of("squid", "-N", "-f", path("squid.conf")));
        awaitServed(3_128);
        write("right", "gateway:open sesame\n");
        write("wrong", "gateway:open barley\n");

        expect(probe(SERVER, "127.0.0.1", "3128", path("right")), OURS, "open", HYBRID, ALL_ECHOED);
        expect(
                probe(SERVER, "127.0.0.1", "3128", path("wrong")),
                "failed PROXY the proxy answered 407 Proxy Authentication Required");
    }

    private void startNginx(int port, String configuration) {
        assumeInstalled("nginx");
        assumeTrue(
                Files.exists(Path.of("/usr/lib/nginx/modules/ngx_stream_module.so")),
                "libnginx-mod-stream is not installed");
        Path home = bed.folder().resolve("nginx-" + port);
        write("nginx-" + port + ".conf", """
                load_module /usr/lib/nginx/modules/ngx_stream_module.so;
                user root;
                daemon off;
                master_process off;
                pid HOME.pid;
                error_log HOME.log;
                events {
                    worker_connections 64;
                }
                """.replace("HOME", home.toString()) + configuration);
        netns.start(List.of("nginx", "-e", home + ".log", "-p", bed.folder().toString(), "-c", home + ".conf"));
        awaitServed(port);
    }

    private void startHaproxy(int port, String configuration) {
        assumeInstalled("haproxy");
        write("haproxy-" + port + ".conf", """
                defaults
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                    timeout tunnel 1h
                """ + configuration);
        netns.start(List.of("haproxy", "-db", "-f", path("haproxy-" + port + ".conf")));
        awaitServed(port);
    }

    private static void assumeInstalled(String program) {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin", program)), program + " is not installed");
    }

    private void awaitServed(int port) {
        TestBed.await(
                "port " + port + " is served",
                Duration.ofSeconds(20),
                () -> !netns.run("ss", "-Hltn", "sport = :" + port).isBlank());
    }

    private String probe(int port, String... proxy) {
        List<String> arguments =
                new ArrayList<>(List.of(Integer.toString(SERVER), "127.0.0.1", Integer.toString(port)));
        arguments.addAll(List.of(proxy));
        Command.Result result = netns.attempt(
                Duration.ofSeconds(60),
                TestBed.java(StreamProbe.class, arguments.toArray(String[]::new))
                        .toArray(String[]::new));
        return result.output();
    }

    private static void expect(String output, String... words) {
        for (String one : words) {
            assertTrue(output.lines().anyMatch(line -> line.startsWith(one)), () -> "no \"" + one + "\" in\n" + output);
        }
    }

    private String path(String name) {
        return bed.folder().resolve(name).toString();
    }

    private void write(String name, String text) {
        try {
            Files.writeString(
                    bed.folder().resolve(name),
                    text.replace("FOLDER", bed.folder().toString()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
