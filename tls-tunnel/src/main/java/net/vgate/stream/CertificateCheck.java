package net.vgate.stream;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What a client makes of the certificate that ends its TLS. It is no proof of who the peer is, the records inside are;
 * but it tells a gateway that is called by mistake from a proxy that ends the TLS for the peer.
 */
@FunctionalInterface
public interface CertificateCheck {
    /** Any thread. Why the connection is not to be used, in words; empty when it may be. */
    Optional<String> refuse(List<X509Certificate> chain);
}
