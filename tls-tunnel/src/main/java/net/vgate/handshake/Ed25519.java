package net.vgate.handshake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import net.vgate.pki.KeyType;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DigitallySigned;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsSigner;
import org.bouncycastle.tls.crypto.TlsStreamSigner;
import org.bouncycastle.tls.crypto.TlsStreamVerifier;
import org.bouncycastle.tls.crypto.TlsVerifier;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCertificate;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;

/**
 * Signatures by Ed25519 in handshakes, RFC 8422 section 5.4, computed by the JDK. Bouncy Castle would take no keys for
 * that but those of its own provider: the JDK calls their algorithm EdDSA.
 */
final class Ed25519 {
    private Ed25519() {}

    /** Signs; the whole message, since the algorithm hashes by itself. */
    record Signer(PrivateKey key) implements TlsSigner {
        @Override
        public byte[] generateRawSignature(SignatureAndHashAlgorithm algorithm, byte[] hash) throws IOException {
            throw new TlsFatalAlert(AlertDescription.internal_error);
        }

        @Override
        public TlsStreamSigner getStreamSigner(SignatureAndHashAlgorithm algorithm) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            return new TlsStreamSigner() {
                @Override
                public OutputStream getOutputStream() {
                    return message;
                }

                @Override
                public byte[] getSignature() throws IOException {
                    try {
                        Signature signature = Signature.getInstance(key.getAlgorithm());
                        signature.initSign(key);
                        signature.update(message.toByteArray());
                        return signature.sign();
                    } catch (GeneralSecurityException failed) {
                        throw new TlsFatalAlert(AlertDescription.internal_error, failed);
                    }
                }
            };
        }

        @Override
        public String toString() {
            return "Signer";
        }
    }

    /** A certificate of a peer, which may have a key of that kind. What it is for is {@link PathValidator}'s to say. */
    static final class PeerCertificate extends JcaTlsCertificate {
        PeerCertificate(JcaTlsCrypto crypto, byte[] encoded) throws IOException {
            super(crypto, encoded);
        }

        @Override
        public boolean supportsSignatureAlgorithm(short algorithm) throws IOException {
            return algorithm == SignatureAlgorithm.ed25519 ? isEd25519() : super.supportsSignatureAlgorithm(algorithm);
        }

        private boolean isEd25519() throws IOException {
            return KeyType.of(getPublicKey()).filter(KeyType.ED25519::equals).isPresent();
        }

        @Override
        public TlsVerifier createVerifier(short algorithm) throws IOException {
            if (algorithm != SignatureAlgorithm.ed25519) {
                return super.createVerifier(algorithm);
            }
            if (!isEd25519()) {
                throw new TlsFatalAlert(AlertDescription.certificate_unknown);
            }
            return new TlsVerifier() {
                @Override
                public TlsStreamVerifier getStreamVerifier(DigitallySigned signed) {
                    return new Verifier(signed.getSignature());
                }

                @Override
                public boolean verifyRawSignature(DigitallySigned signed, byte[] hash) throws IOException {
                    throw new TlsFatalAlert(AlertDescription.internal_error);
                }
            };
        }

        private final class Verifier implements TlsStreamVerifier {
            private final ByteArrayOutputStream message = new ByteArrayOutputStream();
            private final byte[] signature;

            Verifier(byte[] signature) {
                this.signature = signature;
            }

            @Override
            public OutputStream getOutputStream() {
                return message;
            }

            @Override
            public boolean isVerified() throws IOException {
                try {
                    Signature verifying = Signature.getInstance(getPublicKey().getAlgorithm());
                    verifying.initVerify(getPublicKey());
                    verifying.update(message.toByteArray());
                    return verifying.verify(signature);
                } catch (GeneralSecurityException malformed) {
                    return false;
                }
            }
        }
    }
}
