package net.vgate.handshake;

import java.io.IOException;
import java.time.InstantSource;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.jspecify.annotations.Nullable;

/** What Bouncy Castle asks in server role. */
final class ServerSide extends DefaultTlsServer {
    private final Negotiation negotiation;
    private final PeerVerification verification;
    private final InstantSource clock;

    ServerSide(Negotiation negotiation, PeerVerification verification, InstantSource clock) {
        super(negotiation.crypto());
        this.negotiation = negotiation;
        this.verification = verification;
        this.clock = clock;
    }

    @Override
    public void notifyClientCertificate(Certificate presented) throws IOException {
        verification.verify(presented, PathValidator.Purpose.CLIENT, clock.instant());
    }

    @Override
    public CertificateRequest getCertificateRequest() {
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
