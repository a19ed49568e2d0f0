package net.vgate.pki;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What authorities have revoked, RFC 5280 section 5. A list counts whatever its age: it is a file of the operator's,
 * and one that should have been replaced long ago still names those who must not come in. Immutable.
 */
public final class RevocationLists {
    /** Nobody is revoked. */
    public static final RevocationLists NONE = new RevocationLists(List.of());

    private final List<X509CRL> lists;

    public RevocationLists(List<X509CRL> lists) {
        this.lists = List.copyOf(lists);
    }

    /**
     * Whether a list of its issuer's names {@code certificate}.
     *
     * @param issuerKey of the issuer, as the certificate's validation found it: authorities may have the same name, and
     *     a list counts if it is signed by that one
     */
    public boolean revokes(X509Certificate certificate, PublicKey issuerKey) {
        return lists.stream()
                .filter(list -> list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal()))
                .filter(list -> list.getRevokedCertificate(certificate.getSerialNumber()) != null)
                .anyMatch(list -> isSignedBy(list, issuerKey));
    }

    /** By which moment each authority meant to write its next list, if it has said so; by the authority's name. */
    public Map<String, Instant> nextUpdates() {
        Map<String, Instant> updates = new TreeMap<>();
        for (X509CRL list : lists) {
            if (list.getNextUpdate() != null) {
                updates.merge(
                        list.getIssuerX500Principal().getName(),
                        list.getNextUpdate().toInstant(),
                        (one, other) -> one.isAfter(other) ? one : other);
            }
        }
        return updates;
    }

    /** Whether {@code list} is from who has {@code key}. */
    public static boolean isSignedBy(X509CRL list, PublicKey key) {
        try {
            list.verify(key);
            return true;
        } catch (GeneralSecurityException another) {
            return false;
        }
    }
}
