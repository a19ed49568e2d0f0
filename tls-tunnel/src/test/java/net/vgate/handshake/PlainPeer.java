package net.vgate.handshake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.util.Vector;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;
import org.jspecify.annotations.Nullable;

/** Bouncy Castle as it comes, at one socket of a {@link MemoryNetwork}: somebody else's DTLS. */
final class PlainPeer implements DatagramTransport {
    private final MemoryNetwork network;
    private final InetSocketAddress address;
    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    private final JcaTlsCrypto crypto = new JcaTlsCryptoProvider().create(new SecureRandom());
    private final @Nullable Credentials credentials;
    private final byte @Nullable [] connectionId;
    private volatile InetSocketAddress remote;
    volatile int sendLimit = 1_400;

    /**
     * Attaches to the network.
     *
     * @param credentials null to present no certificate
     * @param connectionId null to not know of any
     */
    PlainPeer(
            MemoryNetwork network,
            InetSocketAddress address,
            @Nullable Credentials credentials,
            byte @Nullable [] connectionId) {
        this.network = network;
        this.address = address;
        this.remote = address;
        this.credentials = credentials;
        this.connectionId = connectionId;
        network.attach(address, (from, datagram) -> {
            remote = from;
            arrived.add(datagram);
        });
    }

    InetSocketAddress address() {
        return address;
    }

    CompletableFuture<DTLSTransport> connect(InetSocketAddress to) {
        remote = to;
        return async(() -> new DTLSClientProtocol().connect(new Client(), this));
    }

    CompletableFuture<DTLSTransport> accept() {
        return async(() -> new DTLSServerProtocol().accept(new Server(), this));
    }

    private interface Blocking {
        DTLSTransport run() throws IOException;
    }

    private static CompletableFuture<DTLSTransport> async(Blocking handshake) {
        CompletableFuture<DTLSTransport> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(handshake.run());
                    } catch (IOException | RuntimeException e) {
                        result.completeExceptionally(e);
                    }
                },
                "plain-peer");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private TlsCredentialedSigner signer(Credentials ours, TlsContext context, Vector<?> accepted) throws IOException {
        TlsCertificate[] chain = new TlsCertificate[ours.chain().size()];
        try {
            for (int i = 0; i < chain.length; i++) {
                chain[i] = crypto.createCertificate(ours.chain().get(i).getEncoded());
            }
        } catch (CertificateEncodingException e) {
            throw new IOException(e);
        }
        return new JcaDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(context),
                crypto,
                ours.key(),
                new Certificate(chain),
                TlsUtils.chooseSignatureAndHashAlgorithm(context, accepted, SignatureAlgorithm.ecdsa));
    }

    private final class Client extends DefaultTlsClient {
        Client() {
            super(crypto);
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.DTLSv12.only();
        }

        @Override
        protected byte @Nullable [] getNewConnectionID() {
            return connectionId;
        }

        @Override
        public int getHandshakeTimeoutMillis() {
            return 10_000;
        }

        @Override
        public int getHandshakeResendTimeMillis() {
            return 200;
        }

        @Override
        public TlsAuthentication getAuthentication() {
            return new TlsAuthentication() {
                @Override
                public void notifyServerCertificate(TlsServerCertificate presented) {}

                @Override
                public @Nullable TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
                    return credentials == null
                            ? null
                            : signer(credentials, context, request.getSupportedSignatureAlgorithms());
                }
            };
        }
    }

    private final class Server extends DefaultTlsServer {
        Server() {
            super(crypto);
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.DTLSv12.only();
        }

        @Override
        protected byte @Nullable [] getNewConnectionID() {
            return connectionId;
        }

        @Override
        public int getHandshakeTimeoutMillis() {
            return 10_000;
        }

        @Override
        public int getHandshakeResendTimeMillis() {
            return 200;
        }

        @Override
        public CertificateRequest getCertificateRequest() {
            return new CertificateRequest(
                    new short[] {ClientCertificateType.ecdsa_sign},
                    TlsUtils.getDefaultSupportedSignatureAlgorithms(context),
                    null);
        }

        @Override
        public void notifyClientCertificate(Certificate presented) {}

        @Override
        protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
            if (credentials == null) {
                throw new IOException("a server needs credentials");
            }
            return signer(
                    credentials,
                    context,
                    context.getSecurityParametersHandshake().getClientSigAlgs());
        }
    }

    @Override
    public int getReceiveLimit() {
        return 2_000;
    }

    @Override
    public int getSendLimit() {
        return sendLimit;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
        try {
            byte[] datagram = arrived.poll(waitMillis, TimeUnit.MILLISECONDS);
            if (datagram == null) {
                return -1;
            }
            System.arraycopy(datagram, 0, buffer, offset, Math.min(length, datagram.length));
            return datagram.length;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void send(byte[] buffer, int offset, int length) {
        network.send(address, remote, buffer, offset, length);
    }

    @Override
    public void close() {}
}
