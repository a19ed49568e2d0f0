package net.vgate.handshake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import net.vgate.pki.PresharedKey;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.KeyExchangeAlgorithm;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsPSKIdentityManager;
import org.bouncycastle.tls.TlsUtils;
import org.jspecify.annotations.Nullable;

/** What Bouncy Castle asks in server role. */
final class ServerSide extends DefaultTlsServer {
    private final Negotiation negotiation;
    private final PeerVerification verification;
    private final InstantSource clock;
    private final Runnable onPresharedKey;

    /** @param onPresharedKey run when the suite is one of pre-shared keys, before anything is answered */
    ServerSide(Negotiation negotiation, PeerVerification verification, InstantSource clock, Runnable onPresharedKey) {
        super(negotiation.crypto());
        this.negotiation = negotiation;
        this.verification = verification;
        this.clock = clock;
        this.onPresharedKey = onPresharedKey;
    }

    @Override
    public int getSelectedCipherSuite() throws IOException {
        int suite = super.getSelectedCipherSuite();
        if (isByPresharedKey()) {
            onPresharedKey.run();
        }
        return suite;
    }

    private boolean isByPresharedKey() {
        return TlsUtils.getKeyExchangeAlgorithm(selectedCipherSuite) == KeyExchangeAlgorithm.ECDHE_PSK;
    }

    @Override
    public @Nullable TlsCredentials getCredentials() throws IOException {
        return isByPresharedKey() ? null : super.getCredentials();
    }

    @Override
    public TlsPSKIdentityManager getPSKIdentityManager() {
        return new TlsPSKIdentityManager() {
            @Override
            public byte @Nullable [] getHint() {
                return null;
            }

            /** Null is answered by an alert, unknown_psk_identity. */
            @Override
            public byte @Nullable [] getPSK(byte[] identity) {
                PresharedKey key = verification.keyOf(new String(identity, StandardCharsets.UTF_8));
                return key == null ? null : key.copy();
            }
        };
    }

    @Override
    public void notifyClientCertificate(Certificate presented) throws IOException {
        verification.verify(presented, PathValidator.Purpose.CLIENT, clock.instant());
    }

    @Override
    public @Nullable CertificateRequest getCertificateRequest() {
        if (isByPresharedKey()) {
            return null;
        }
        short[] types = {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign};
        return new CertificateRequest(types, negotiation.signatureAlgorithms(), null);
    }

    @Override
    protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
        return signer();
    }

    @Override
    protected TlsCredentialedSigner getRSASignerCredentials() throws IOException {
        return signer();
    }

    private TlsCredentialedSigner signer() throws IOException {
        return negotiation.signer(
                context, context.getSecurityParametersHandshake().getClientSigAlgs());
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return negotiation.acceptedSuites();
    }

    @Override
    protected boolean preferLocalCipherSuites() {
        return true;
    }

    @Override
    public int[] getSupportedGroups() {
        return negotiation.groups();
    }

    /** Ours, or none if we would not write the client's, which is longer than any that we have a use for. */
    @Override
    protected byte @Nullable [] getNewConnectionID() {
        try {
            byte[] offered = TlsExtensionsUtils.getConnectionIDExtension(clientExtensions);
            return offered == null || offered.length > RecordFormat.MAX_CID_BYTES ? null : negotiation.connectionId();
        } catch (IOException damaged) {
            return null;
        }
    }

    @Override
    public boolean requiresExtendedMasterSecret() {
        return true;
    }

    @Override
    public int getHandshakeTimeoutMillis() {
        return negotiation.timeoutMillis();
    }

    @Override
    public int getHandshakeResendTimeMillis() {
        return negotiation.firstResendMillis();
    }

    @Override
    public int getMaxCertificateChainLength() {
        return negotiation.maxChainLength();
    }
}
