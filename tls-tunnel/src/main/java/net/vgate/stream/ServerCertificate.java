package net.vgate.stream;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a server shows for its name in the outer TLS: the gateway's own certificate, or one that is for its public name.
 */
public final class ServerCertificate {
    private final PrivateKey key;
    private final List<X509Certificate> chain;

    /** @param chain its own certificate first */
    public ServerCertificate(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    PrivateKey key() {
        return key;
    }

    List<X509Certificate> chain() {
        return chain;
    }

    @Override
    public String toString() {
        return "ServerCertificate of " + chain.get(0).getSubjectX500Principal().getName();
    }
}
