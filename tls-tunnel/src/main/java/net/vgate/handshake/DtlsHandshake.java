package net.vgate.handshake;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Role;
import net.vgate.record.SocketText;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One handshake, run by Bouncy Castle to its end. What it makes is ours: after it, Bouncy Castle has no part in the
 * association.
 *
 * <p><b>Threading.</b> {@link #run} blocks its thread for as long as the handshake takes; {@link #transport} is the way
 * in.
 */
final class DtlsHandshake {
    private final Plan plan;
    private final HandshakeEnvironment environment;
    private final HandshakeTransport transport;
    private final HandshakeCrypto crypto;
    private final Negotiation negotiation;
    private final PeerVerification verification;
    private @Nullable Association association;
    private @Nullable Association replaced;
    private @Nullable FinalFlight finalFlight;

    /**
     * What the handshake is to be.
     *
     * @param attempt the caller's name for it; -1 in server role
     * @param meant the peer that we want, null in server role
     * @param localCid reserved in the association table
     * @param request the ClientHello whose cookie was right, null in client role
     * @param hasty gives up soon if nothing comes; in client role
     */
    record Plan(
            Role role,
            Association.Path path,
            int attempt,
            @Nullable PeerIdentity meant,
            long localCid,
            @Nullable DTLSRequest request,
            boolean hasty) {}

    DtlsHandshake(
            Plan plan,
            HandshakeEnvironment environment,
            HandshakePolicy policy,
            HandshakeLimits limits,
            RecordFilter filter) {
        this.plan = plan;
        this.environment = environment;
        this.transport = new HandshakeTransport(
                filter,
                environment.sender(),
                plan.path(),
                environment.nanoClock(),
                patience(plan, limits).toNanos());
        this.crypto = new HandshakeCrypto(environment.random(), plan.localCid(), environment.keyLog());
        this.negotiation = new Negotiation(policy, limits, crypto, plan.localCid());
        this.verification = new PeerVerification(policy, plan.meant());
    }

    private static Duration patience(Plan plan, HandshakeLimits limits) {
        if (plan.role() == Role.SERVER) {
            return limits.timeout();
        }
        return plan.hasty() ? limits.hastyNoAnswer() : limits.noAnswer();
    }

    Plan plan() {
        return plan;
    }

    HandshakeTransport transport() {
        return transport;
    }

    /** What was established; null after a failure. */
    @Nullable
    Association association() {
        return association;
    }

    /** The association that the new one made unreachable, of a peer that writes no connection IDs; mostly null. */
    @Nullable
    Association replaced() {
        return replaced;
    }

    /** By what the peer proved who it is; null unless it did. */
    @Nullable
    PeerProof proof() {
        return verification.proof();
    }

    /** What answers a client that repeats its last flight; null but after success in server role. */
    @Nullable
    FinalFlight finalFlight() {
        return finalFlight;
    }

    /** Runs to the end. Returns null after success. */
    @Nullable
    HandshakeFailure run() {
        Throwable failure = null;
        try {
            if (plan.role() == Role.CLIENT) {
                connect();
            } else {
                accept();
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        AssociationCipher cipher = crypto.cipher();
        if (cipher != null) {
            cipher.keys().destroy();
        }
        if (association != null) {
            // The peer has proved itself; what went wrong after that is no more than a datagram that was lost.
            return null;
        }
        if (cipher != null) {
            cipher.control().destroy();
        }
        return failure(failure);
    }

    private void connect() throws IOException {
        ClientSide client = new ClientSide(negotiation, verification, environment.wallClock(), plan.meant());
        if (client.hasPresharedKey()) {
            transport.expectNoCertificates();
        }
        transport.beforeProtectedSend(() -> cipher().sealedNumber());
        var unused = new DTLSClientProtocol().connect(client, transport);
        establish();
    }

    private void accept() throws IOException {
        ServerSide server =
                new ServerSide(negotiation, verification, environment.wallClock(), transport::expectNoCertificates);
        transport.beforeProtectedSend(() -> {
            // Our Finished comes after the client's was verified; its first record may come right upon ours.
            if (association == null && cipher().finished() != null) {
                establish();
            }
            return cipher().sealedNumber();
        });
        var unused = new DTLSServerProtocol().accept(server, transport, plan.request());
        byte[] finished = cipher().finished();
        if (finished != null) {
            finalFlight = new FinalFlight(finished, transport.plainSequence());
        }
    }

    private AssociationCipher cipher() {
        AssociationCipher cipher = crypto.cipher();
        if (cipher == null) {
            throw new IllegalStateException("no keys yet");
        }
        return cipher;
    }

    private void establish() {
        PeerIdentity peer = verification.identity();
        Instant expires = verification.expires();
        if (peer == null || verification.proof() == null || verification.refusal() != null) {
            throw new IllegalStateException("the peer's identity was not verified");
        }
        AssociationCipher cipher = cipher();
        Association made = new Association(
                new Association.Terms(cipher.ids(), plan.role(), peer, cipher.suiteName(), expires),
                plan.path(),
                cipher.keys(),
                cipher.control(),
                environment.aead(),
                environment.table().steering().workers(),
                environment.nanoClock().getAsLong());
        association = made;
        replaced = environment.table().add(made);
    }

    private HandshakeFailure failure(@Nullable Throwable e) {
        Refusal refusal = verification.refusal();
        Refusal why = refusal != null ? refusal : classify(e);
        PeerIdentity peer = plan.meant() != null ? plan.meant() : verification.identity();
        return new HandshakeFailure(
                why.reason(),
                printable(why.detail()),
                plan.role(),
                plan.attempt(),
                Optional.ofNullable(peer),
                plan.path().local(),
                plan.path().remote());
    }

    private Refusal classify(@Nullable Throwable e) {
        if (transport.isCancelled()) {
            return new Refusal(FailureReason.CANCELLED, "a newer handshake took its place, or the gateway stops");
        }
        if (e instanceof TlsTimeoutException) {
            return transport.isAnswered()
                    ? new Refusal(FailureReason.TIMEOUT, "the peer did not go on in time" + hint())
                    : new Refusal(
                            FailureReason.NO_ANSWER,
                            "no answer from " + SocketText.of(plan.path().remote()));
        }
        if (e instanceof TlsFatalAlertReceived received) {
            return new Refusal(
                    FailureReason.REFUSED_BY_PEER,
                    "the peer says: " + AlertDescription.getText(received.getAlertDescription()));
        }
        if (e instanceof TlsFatalAlert alert && alert.getAlertDescription() != AlertDescription.internal_error) {
            return new Refusal(FailureReason.PROTOCOL, String.valueOf(alert.getMessage()));
        }
        if (e instanceof EOFException) {
            return new Refusal(FailureReason.PROTOCOL, "a message of the peer's is shorter than it says");
        }
        return new Refusal(FailureReason.INTERNAL, String.valueOf(root(e)));
    }

    /** With another key the peer's Finished is a record that is not authentic, and such records are dropped. */
    private String hint() {
        boolean byPresharedKey = verification.identity() != null && verification.expires() == null;
        return byPresharedKey ? "; is the pre-shared key the same at both ends?" : "";
    }

    /** Bouncy Castle makes an alert of whatever goes wrong in it. */
    private static @Nullable Throwable root(@Nullable Throwable e) {
        Throwable root = e;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** A peer may write what it likes into a certificate; it comes to our log as one line. */
    static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= 400 ? line : line.substring(0, 400) + "…";
    }
}
