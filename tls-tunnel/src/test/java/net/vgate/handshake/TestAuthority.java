package net.vgate.handshake;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.record.PeerIdentity;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certification authority for tests; it also issues what no decent one would. */
public final class TestAuthority {
    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final Path folder;
    private final String name;
    private final KeyPair keys = newKeys("EC");
    private final X509Certificate certificate;
    private final @Nullable TestAuthority parent;

    private TestAuthority(Path folder, Request request, @Nullable TestAuthority parent) {
        this.folder = folder;
        this.name = request.subject;
        this.parent = parent;
        this.certificate = parent == null ? sign(request, keys, keys, name) : parent.sign(request, keys);
        write(trust(), List.of(certificate));
    }

    public static TestAuthority root(Path folder, String name) {
        return new TestAuthority(folder, new Request(name).authority(), null);
    }

    TestAuthority intermediate(String intermediateName) {
        return new TestAuthority(folder, new Request(intermediateName).authority(), this);
    }

    /** A gateway that takes itself for an authority. */
    TestAuthority gatewayThatIssues() {
        return new TestAuthority(folder, Request.of(new PeerIdentity("rogue", "rogue-1")), this);
    }

    /** The PEM file with its certificate. */
    Path trust() {
        return folder.resolve(name + ".crt");
    }

    /** What a certificate shall say; by default what a gateway's should. */
    static final class Request {
        private final String subject;
        private final List<String> uris = new ArrayList<>();
        private Instant from = Instant.now().minus(Duration.ofDays(1));
        private Instant until = Instant.now().plus(Duration.ofDays(30));
        private List<KeyPurposeId> purposes = List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        private int usage = KeyUsage.digitalSignature;
        private boolean authority;
        private String keyAlgorithm = "EC";

        Request(String subject) {
            this.subject = subject;
        }

        static Request of(PeerIdentity identity) {
            return new Request(identity.site() + "-" + identity.gateway()).uri(identity.uri());
        }

        Request uri(String uri) {
            uris.add(uri);
            return this;
        }

        Request valid(Duration fromNow, Duration untilNow) {
            from = Instant.now().plus(fromNow);
            until = Instant.now().plus(untilNow);
            return this;
        }

        Request purposes(KeyPurposeId... ids) {
            purposes = List.of(ids);
            return this;
        }

        Request usage(int bits) {
            usage = bits;
            return this;
        }

        Request rsa() {
            keyAlgorithm = "RSA";
            return this;
        }

        private Request authority() {
            authority = true;
            usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
            purposes = List.of();
            return this;
        }
    }

    /** PEM files: certificate with its chain, and key. */
    public record Issued(Path certificate, Path key) {
        public Credentials with(TestAuthority... trusted) {
            try {
                return Credentials.load(
                        certificate,
                        key,
                        Arrays.stream(trusted).map(TestAuthority::trust).toList(),
                        List.of());
            } catch (CredentialsException e) {
                throw new AssertionError(e);
            }
        }

        Credentials with(List<TestAuthority> trusted, Path... revoked) {
            try {
                return Credentials.load(
                        certificate,
                        key,
                        trusted.stream().map(TestAuthority::trust).toList(),
                        List.of(revoked));
            } catch (CredentialsException e) {
                throw new AssertionError(e);
            }
        }

        /** What {@link Credentials#load} would refuse, as a third party may have it. */
        Credentials unchecked(TestAuthority trusted) {
            try {
                return Credentials.loadAs(
                        new PeerIdentity("third", "party"), certificate, key, List.of(trusted.trust()));
            } catch (CredentialsException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A revocation list in DER with the first certificate of each. */
    Path revoke(Issued... revoked) {
        try {
            X509v2CRLBuilder builder = new JcaX509v2CRLBuilder(certificate, Date.from(Instant.now()));
            for (Issued one : revoked) {
                X509Certificate first = PemFile.certificates(one.certificate()).get(0);
                builder.addCRLEntry(first.getSerialNumber(), Date.from(Instant.now()), 0);
            }
            Path file = folder.resolve(name + "-" + SERIAL.incrementAndGet() + ".crl");
            return Files.write(
                    file,
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                            .getEncoded());
        } catch (IOException | PkiException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    Issued issue(Request request) {
        KeyPair pair = newKeys(request.keyAlgorithm);
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(sign(request, pair));
        if (parent != null) {
            chain.add(certificate);
        }
        Path base = folder.resolve(request.subject + "-" + SERIAL.incrementAndGet());
        Path crt = Path.of(base + ".crt");
        Path key = Path.of(base + ".key");
        write(crt, chain);
        writePem(key, "PRIVATE KEY", pair.getPrivate().getEncoded(), new StringBuilder());
        return new Issued(crt, key);
    }

    public Issued issue(PeerIdentity identity) {
        return issue(Request.of(identity));
    }

    private X509Certificate sign(Request request, KeyPair subjectKeys) {
        return sign(request, subjectKeys, keys, name);
    }

    private static X509Certificate sign(Request request, KeyPair subjectKeys, KeyPair issuerKeys, String issuer) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Principal("CN=" + issuer),
                    BigInteger.valueOf(SERIAL.incrementAndGet()),
                    Date.from(request.from),
                    Date.from(request.until),
                    new X500Principal("CN=" + request.subject),
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(request.authority));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(request.usage));
            if (!request.purposes.isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(request.purposes.toArray(new KeyPurposeId[0])));
            }
            if (!request.uris.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(request.uris.stream()
                                .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                                .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate())));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKeys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else {
                generator.initialize(2_048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void write(Path file, List<X509Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate one : certificates) {
                writePem(file, "CERTIFICATE", one.getEncoded(), text);
            }
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void writePem(Path file, String label, byte[] content, StringBuilder text) {
        text.append("-----BEGIN ")
                .append(label)
                .append("-----\n")
                .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content))
                .append("\n-----END ")
                .append(label)
                .append("-----\n");
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
