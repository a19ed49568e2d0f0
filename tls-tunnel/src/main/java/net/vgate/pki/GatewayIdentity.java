package net.vgate.pki;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Who a gateway is, as its certificate says: a subject alternative name {@code vgate://SITE/GATEWAY}. */
public final class GatewayIdentity {
    /** RFC 5280 section 4.2.1.6: uniformResourceIdentifier. */
    private static final int URI = 6;

    private static final Predicate<String> NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?").asMatchPredicate();

    private GatewayIdentity() {}

    /** Whether {@code text} may name a site or a gateway: as it is, it is also a host and a file. */
    public static boolean isName(String text) {
        return NAME.test(text);
    }

    /** The identity of {@code gateway} at {@code site}. */
    public static String uri(String site, String gateway) {
        return "vgate://" + site + "/" + gateway;
    }

    /** All URIs among the certificate's subject alternative names. */
    public static List<String> uris(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0) instanceof Integer type && type == URI)
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException malformed) {
            return List.of();
        }
    }
}
