package net.vgate.stream;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * The TLS around streams: version 1.3 only, HTTP/1.1 by ALPN (RFC 7301), so that proxies do not choose HTTP/2.
 * BoringSSL where its native code loads: it is faster than the JDK's, and has a hybrid post-quantum group where Java 17
 * has none.
 *
 * <p><b>Ownership.</b> A context of BoringSSL is released by who made it; connections that use it keep it.
 */
final class StreamTls {
    private static final String VERSION = "TLSv1.3";

    /** Most wanted first. */
    private static final String[] GROUPS = {NamedGroup.HYBRID, "X25519", "P-256", "P-384"};

    private static final boolean IS_NATIVE = OpenSsl.isAvailable();

    private StreamTls() {}

    static String provider() {
        return IS_NATIVE ? "BoringSSL" : "JDK";
    }

    /** Has the libraries loaded and their classes linked. */
    static void prepare() {
        try {
            ReferenceCountUtil.release(client(new CheckingTrust(chain -> Optional.empty())));
        } catch (SSLException unusable) {
            // The first stream will say so, to somebody who wants one.
            return;
        }
    }

    static SslContext server(ServerCertificate certificate) throws SSLException {
        return common(SslContextBuilder.forServer(certificate.key(), certificate.chain()))
                .build();
    }

    static SslContext client(CheckingTrust trust) throws SSLException {
        // No check of names: the certificate may be the peer's own, which has none of DNS.
        return common(SslContextBuilder.forClient().trustManager(trust).endpointIdentificationAlgorithm(null))
                .build();
    }

    private static SslContextBuilder common(SslContextBuilder builder) {
        builder.sslProvider(IS_NATIVE ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                .protocols(VERSION)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_1_1));
        return IS_NATIVE ? builder.option(OpenSslContextOption.GROUPS, GROUPS) : builder;
    }
}
