package net.vgate.handshake;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Vector;
import net.vgate.pki.PresharedKey;
import net.vgate.record.PeerIdentity;
import org.bouncycastle.tls.BasicTlsPSKIdentity;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateStatusRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsPSKIdentity;
import org.bouncycastle.tls.TlsServerCertificate;
import org.jspecify.annotations.Nullable;

/** What Bouncy Castle asks in client role. */
final class ClientSide extends DefaultTlsClient {
    private final Negotiation negotiation;
    private final PeerVerification verification;
    private final InstantSource clock;
    private final @Nullable PeerIdentity server;

    ClientSide(
            Negotiation negotiation,
            PeerVerification verification,
            InstantSource clock,
            @Nullable PeerIdentity server) {
        super(negotiation.crypto());
        this.negotiation = negotiation;
        this.verification = verification;
        this.clock = clock;
        this.server = server;
    }

    /** Whether the handshake is one by a pre-shared key. */
    boolean hasPresharedKey() {
        return negotiation.presharedKey(server) != null;
    }

    @Override
    public @Nullable TlsPSKIdentity getPSKIdentity() {
        if (server == null || !hasPresharedKey()) {
            return null;
        }
        PresharedKey key = verification.keyOf(server.uri());
        return key == null ? null : new BasicTlsPSKIdentity(negotiation.ownName(), key.copy());
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return new TlsAuthentication() {
            @Override
            public void notifyServerCertificate(TlsServerCertificate presented) throws IOException {
                verification.verify(presented.getCertificate(), PathValidator.Purpose.SERVER, clock.instant());
            }

            @Override
            public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
                return negotiation.signer(context, request.getSupportedSignatureAlgorithms());
            }
        };
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return hasPresharedKey() ? negotiation.offeredPresharedSuites() : negotiation.offeredSuites();
    }

    @SuppressWarnings("JdkObsolete") // Bouncy Castle asks for a Vector
    @Override
    protected Vector<Integer> getSupportedGroups(@SuppressWarnings("rawtypes") Vector namedGroupRoles) {
        Vector<Integer> groups = new Vector<>();
        for (int group : negotiation.groups()) {
            groups.add(group);
        }
        return groups;
    }

    @Override
    protected Vector<SignatureAndHashAlgorithm> getSupportedSignatureAlgorithms() {
        return negotiation.signatureAlgorithms();
    }

    @Override
    protected @Nullable CertificateStatusRequest getCertificateStatusRequest() {
        return null;
    }

    @Override
    protected byte[] getNewConnectionID() {
        return negotiation.connectionId();
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
