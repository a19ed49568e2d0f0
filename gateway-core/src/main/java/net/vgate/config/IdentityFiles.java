package net.vgate.config;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.vgate.pki.CertificateSummary;
import net.vgate.pki.GatewayIdentity;
import net.vgate.pki.KeyFile;
import net.vgate.pki.KeyPairs;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.pki.PresharedKey;
import net.vgate.pki.RevocationLists;

/** Looks into the files of {@code identity}, so that what a peer would turn away is found before there is a peer. */
final class IdentityFiles {
    private static final Duration RENEWAL_TIME = Duration.ofDays(30);
    private static final Set<String> KEY_PURPOSES = Set.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    private static final String ANY_PURPOSE = "2.5.29.37.0";

    /** Of a fingerprint: as many as {@code vgate pki show} shows. */
    private static final int SHOWN_DIGITS = 16;

    private final Path folder;
    private final Instant now;
    private final Problems problems;
    private final Map<Path, String> contents = new LinkedHashMap<>();

    IdentityFiles(Path file, Instant now, Problems problems) {
        Path absolute = file.toAbsolutePath().normalize();
        folder = absolute.getParent() == null ? absolute : absolute.getParent();
        this.now = now;
        this.problems = problems;
    }

    void check(Fields root) {
        checkPresharedKeys(root);
        Optional<Fields> found = root.value(ConfigKeys.IDENTITY);
        if (found.isEmpty()) {
            return;
        }
        Fields identity = found.get();
        List<X509Certificate> trusted = trusted(identity);
        Optional<Located<Path>> certificateFile = identity.find(ConfigKeys.CERTIFICATE);
        List<X509Certificate> chain = certificateFile.map(this::read).orElse(List.of());
        if (certificateFile.isPresent() && !chain.isEmpty()) {
            Spot spot = certificateFile.get().spot();
            checkTime(chain.get(0), spot, "the certificate");
            checkPurposes(chain.get(0), spot);
            checkName(chain.get(0), spot, root);
            checkIssuer(chain, spot, trusted);
        }
        checkRevocation(identity, chain, trusted);
        identity.find(ConfigKeys.PRIVATE_KEY)
                .ifPresent(key -> checkKey(key, chain.stream().findFirst()));
    }

    private void checkPresharedKeys(Fields root) {
        List<PresharedKey> seen = new ArrayList<>();
        root.values(ConfigKeys.PEERS).stream()
                .flatMap(peer -> peer.values(ConfigKeys.PEER_GATEWAYS).stream())
                .flatMap(gateway -> gateway.find(ConfigKeys.PEER_GATEWAY_PSK).stream())
                .forEach(file -> {
                    try {
                        PresharedKey key = PresharedKey.read(ConfigBuilder.resolve(folder, file.value()));
                        if (seen.contains(key)) {
                            problems.error(
                                    file.spot(),
                                    "another peer has the same key, so that each could pass for the other",
                                    "make one for each, by vgate pki psk");
                        }
                        seen.add(key);
                    } catch (PkiException wrong) {
                        problems.error(file.spot(), oneLine(wrong), "");
                    }
                });
    }

    /** By file, what its certificates are, in words that tell them from others; of what could be read. */
    Map<Path, String> contents() {
        return contents;
    }

    private List<X509Certificate> trusted(Fields identity) {
        List<X509Certificate> trusted = new ArrayList<>();
        for (Located<Path> file : identity.list(ConfigKeys.TRUST)) {
            List<X509Certificate> authorities = read(file);
            for (X509Certificate authority : authorities) {
                String name = authority.getSubjectX500Principal().getName();
                if (authority.getBasicConstraints() < 0) {
                    problems.error(file.spot(), name + " is no authority", "name the certificate of who issued it");
                } else {
                    checkTime(authority, file.spot(), "the authority " + name);
                }
            }
            trusted.addAll(authorities);
        }
        return trusted;
    }

    private void checkRevocation(Fields identity, List<X509Certificate> chain, List<X509Certificate> trusted) {
        for (Located<Path> file : identity.list(ConfigKeys.REVOKED)) {
            Path resolved = ConfigBuilder.resolve(folder, file.value());
            try {
                List<X509CRL> lists = PemFile.revocationLists(resolved);
                contents.put(
                        resolved, lists.stream().map(IdentityFiles::describe).collect(Collectors.joining("; ")));
                lists.forEach(list -> checkList(list, file.spot(), chain, trusted));
            } catch (PkiException wrong) {
                problems.error(file.spot(), oneLine(wrong), "");
            }
        }
    }

    private void checkList(X509CRL list, Spot spot, List<X509Certificate> chain, List<X509Certificate> trusted) {
        List<X509Certificate> authorities = Stream.concat(chain.stream().skip(1), trusted.stream())
                .filter(authority -> RevocationLists.isSignedBy(list, authority.getPublicKey()))
                .toList();
        if (authorities.isEmpty() && !trusted.isEmpty()) {
            problems.warning(
                    spot,
                    "the list is of no authority of identity.trust",
                    "it counts only if a peer's chain has its authority");
        }
        RevocationLists lists = new RevocationLists(List.of(list));
        if (!chain.isEmpty()
                && authorities.stream().anyMatch(issuer -> lists.revokes(chain.get(0), issuer.getPublicKey()))) {
            problems.error(spot, "this gateway's own certificate is revoked", "issue a new one");
        }
        if (list.getNextUpdate() != null && now.isAfter(list.getNextUpdate().toInstant())) {
            problems.warning(
                    spot,
                    "there should be a newer list since "
                            + day(list.getNextUpdate().toInstant()),
                    "it goes on to count; `vgate pki revoke` dates it anew");
        }
    }

    private static String describe(X509CRL list) {
        int revoked = list.getRevokedCertificates() == null
                ? 0
                : list.getRevokedCertificates().size();
        return "%d revoked, of %s".formatted(revoked, list.getThisUpdate().toInstant());
    }

    private void checkName(X509Certificate own, Spot spot, Fields root) {
        Optional<String> site = root.value(ConfigKeys.SITE);
        Optional<String> gateway = root.value(ConfigKeys.GATEWAY);
        if (site.isPresent() && gateway.isPresent()) {
            String wanted = GatewayIdentity.uri(site.get(), gateway.get());
            List<String> uris = GatewayIdentity.uris(own);
            if (!uris.equals(List.of(wanted))) {
                String says = uris.isEmpty() ? "nobody" : String.join(" and ", uris);
                problems.error(
                        spot,
                        "the certificate is for %s, and this is %s".formatted(says, wanted),
                        "issue one with `vgate pki issue --site %s --gateway %s`".formatted(site.get(), gateway.get()));
            }
        }
    }

    private void checkIssuer(List<X509Certificate> chain, Spot spot, List<X509Certificate> trusted) {
        X509Certificate last = chain.get(chain.size() - 1);
        boolean isFromTrusted = trusted.stream()
                .anyMatch(authority ->
                        authority.equals(last) || issued(authority, chain.get(0)) || issued(authority, last));
        if (!trusted.isEmpty() && !isFromTrusted) {
            problems.warning(
                    spot,
                    "no authority of identity.trust issued it",
                    "peers that trust the same ones will turn this gateway away");
        }
    }

    private static boolean issued(X509Certificate issuer, X509Certificate own) {
        try {
            own.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException other) {
            return false;
        }
    }

    private void checkTime(X509Certificate certificate, Spot spot, String what) {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isBefore(begin)) {
            problems.error(spot, what + " is not valid before " + day(begin), "is the clock right?");
        } else if (!now.isBefore(end)) {
            problems.error(spot, what + " expired on " + day(end), "issue a new one");
        } else if (now.plus(RENEWAL_TIME).isAfter(end)) {
            problems.warning(spot, what + " expires on " + day(end), "issue a new one soon");
        }
    }

    private void checkPurposes(X509Certificate own, Spot spot) {
        try {
            List<String> purposes = own.getExtendedKeyUsage();
            boolean isFit = purposes == null || purposes.contains(ANY_PURPOSE) || purposes.containsAll(KEY_PURPOSES);
            if (!isFit) {
                problems.error(
                        spot,
                        "the certificate is not for TLS clients and servers both",
                        "a gateway is either: issue one with both extended key usages");
            }
        } catch (GeneralSecurityException malformed) {
            problems.error(spot, "the certificate has a malformed extended key usage", "issue a new one");
        }
    }

    private void checkKey(Located<Path> key, Optional<X509Certificate> own) {
        Path file = ConfigBuilder.resolve(folder, key.value());
        try {
            String algorithm = own.map(c -> c.getPublicKey().getAlgorithm()).orElse("EC");
            PrivateKey secret = PemFile.privateKey(file, algorithm);
            if (own.isPresent() && !KeyPairs.match(secret, own.get().getPublicKey())) {
                problems.error(
                        key.spot(), "%s is not the certificate's key".formatted(file), "name the one it came with");
            }
            Optional<String> exposure = KeyFile.exposure(file);
            exposure.ifPresent(
                    whom -> problems.error(key.spot(), "%s is open to %s".formatted(file, whom), "chmod 600 " + file));
        } catch (PkiException wrong) {
            problems.error(key.spot(), oneLine(wrong), "");
        } catch (IOException unreadable) {
            problems.error(key.spot(), file + " cannot be read", SourceText.reason(unreadable));
        }
    }

    private List<X509Certificate> read(Located<Path> file) {
        Path resolved = ConfigBuilder.resolve(folder, file.value());
        try {
            List<X509Certificate> certificates = PemFile.certificates(resolved);
            contents.put(resolved, describe(certificates));
            return certificates;
        } catch (PkiException wrong) {
            problems.error(file.spot(), oneLine(wrong), "");
            return List.of();
        }
    }

    private static String describe(List<X509Certificate> certificates) {
        String fingerprints = certificates.stream()
                .map(CertificateSummary::fingerprint)
                .map(text -> text.substring(0, SHOWN_DIGITS))
                .collect(Collectors.joining(" "));
        return "until " + day(certificates.get(0).getNotAfter().toInstant()) + ", SHA-256 " + fingerprints;
    }

    private static String oneLine(PkiException wrong) {
        return Quote.printable(String.valueOf(wrong.getMessage()));
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }
}
