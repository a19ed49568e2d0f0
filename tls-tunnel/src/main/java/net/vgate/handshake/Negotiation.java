package net.vgate.handshake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Vector;
import java.util.stream.IntStream;
import net.vgate.pki.KeyType;
import net.vgate.pki.PresharedKey;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsCredentialedSigner;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.jspecify.annotations.Nullable;

/** What both roles have in common: what we offer and accept, and how we sign. */
final class Negotiation {
    private static final int MAX_CHAIN = 6;

    private final HandshakePolicy policy;
    private final HandshakeLimits limits;
    private final HandshakeCrypto crypto;
    private final long localCid;

    Negotiation(HandshakePolicy policy, HandshakeLimits limits, HandshakeCrypto crypto, long localCid) {
        this.policy = policy;
        this.limits = limits;
        this.crypto = crypto;
        this.localCid = localCid;
    }

    HandshakeCrypto crypto() {
        return crypto;
    }

    int timeoutMillis() {
        return (int) limits.timeout().toMillis();
    }

    int firstResendMillis() {
        return (int) limits.firstResend().toMillis();
    }

    int maxChainLength() {
        return MAX_CHAIN;
    }

    byte[] connectionId() {
        return ByteBuffer.allocate(RecordFormat.LOCAL_CID_BYTES)
                .putLong(localCid)
                .array();
    }

    int[] groups() {
        return new int[] {NamedGroup.x25519, NamedGroup.secp256r1};
    }

    /** The name by which our pre-shared keys go, RFC 4279 section 5.1: who we are. */
    byte[] ownName() {
        return policy.credentials().identity().uri().getBytes(StandardCharsets.UTF_8);
    }

    /** The key that we share with {@code peer}, or null. */
    @Nullable
    PresharedKey presharedKey(@Nullable PeerIdentity peer) {
        return policy.presharedKey(peer);
    }

    /** The suites of a client that has a pre-shared key for the server: no others, or the server might choose those. */
    int[] offeredPresharedSuites() {
        return policy.algorithms().stream().mapToInt(Negotiation::pskSuite).toArray();
    }

    /** The suites of a client: a server may have a certificate of either kind. */
    int[] offeredSuites() {
        List<Integer> suites = new ArrayList<>();
        for (AeadAlgorithm algorithm : policy.algorithms()) {
            suites.add(ecdsaSuite(algorithm));
        }
        for (AeadAlgorithm algorithm : policy.algorithms()) {
            suites.add(rsaSuite(algorithm));
        }
        return suites.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The suites of a server: those that its certificate can sign for, and if any peer has one, of pre-shared keys. */
    int[] acceptedSuites() {
        // RFC 8422 section 5.1.1: the suites of ECDSA are those of Ed25519 as well.
        boolean ecdsa = ownSignatureAlgorithm() != SignatureAlgorithm.rsa;
        IntStream signed =
                policy.algorithms().stream().mapToInt(algorithm -> ecdsa ? ecdsaSuite(algorithm) : rsaSuite(algorithm));
        return policy.presharedKeys().isEmpty()
                ? signed.toArray()
                : IntStream.concat(signed, Arrays.stream(offeredPresharedSuites()))
                        .toArray();
    }

    private static int pskSuite(AeadAlgorithm algorithm) {
        return switch (algorithm) {
            case AES_128_GCM -> CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256;
            case AES_256_GCM -> CipherSuite.TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384;
            case CHACHA20_POLY1305 -> CipherSuite.TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256;
        };
    }

    private static int ecdsaSuite(AeadAlgorithm algorithm) {
        return switch (algorithm) {
            case AES_128_GCM -> CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
            case AES_256_GCM -> CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
            case CHACHA20_POLY1305 -> CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
        };
    }

    private static int rsaSuite(AeadAlgorithm algorithm) {
        return switch (algorithm) {
            case AES_128_GCM -> CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
            case AES_256_GCM -> CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384;
            case CHACHA20_POLY1305 -> CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256;
        };
    }

    /** IANA name of a suite of ours. */
    static String suiteName(int suite) {
        return switch (suite) {
            case CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 -> "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
            case CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 -> "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
            case CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 -> "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
            case CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 -> "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
            case CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 ->
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
            case CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 ->
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
            case CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256 -> "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256";
            case CipherSuite.TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384 -> "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384";
            case CipherSuite.TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 ->
                "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256";
            default -> "0x" + Integer.toHexString(suite);
        };
    }

    @SuppressWarnings("JdkObsolete") // Bouncy Castle asks for a Vector
    Vector<SignatureAndHashAlgorithm> signatureAlgorithms() {
        Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
        algorithms.add(SignatureAndHashAlgorithm.ed25519);
        for (short signature : new short[] {SignatureAlgorithm.ecdsa, SignatureAlgorithm.rsa}) {
            for (short hash : new short[] {HashAlgorithm.sha256, HashAlgorithm.sha384, HashAlgorithm.sha512}) {
                algorithms.add(SignatureAndHashAlgorithm.getInstance(hash, signature));
            }
        }
        return algorithms;
    }

    private short ownSignatureAlgorithm() {
        return switch (ownKeyType()) {
            case ECDSA -> SignatureAlgorithm.ecdsa;
            case ED25519 -> SignatureAlgorithm.ed25519;
            case RSA -> SignatureAlgorithm.rsa;
        };
    }

    private KeyType ownKeyType() {
        return KeyType.of(policy.credentials().key()).orElseThrow();
    }

    /** Our credentials, to sign with what the peer accepts; an alert if it accepts nothing that we can. */
    TlsCredentialedSigner signer(TlsContext context, Vector<?> acceptedByPeer) throws IOException {
        Credentials credentials = policy.credentials();
        TlsCertificate[] chain = new TlsCertificate[credentials.chain().size()];
        for (int i = 0; i < chain.length; i++) {
            chain[i] = crypto.createCertificate(encoded(credentials.chain().get(i)));
        }
        TlsCryptoParameters parameters = new TlsCryptoParameters(context);
        SignatureAndHashAlgorithm algorithm =
                TlsUtils.chooseSignatureAndHashAlgorithm(context, acceptedByPeer, ownSignatureAlgorithm());
        return ownKeyType() == KeyType.ED25519
                ? new DefaultTlsCredentialedSigner(
                        parameters, new Ed25519.Signer(credentials.key()), new Certificate(chain), algorithm)
                : new JcaDefaultTlsCredentialedSigner(
                        parameters, crypto, credentials.key(), new Certificate(chain), algorithm);
    }

    private static byte[] encoded(X509Certificate certificate) throws IOException {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IOException("our own certificate cannot be encoded", e);
        }
    }
}
