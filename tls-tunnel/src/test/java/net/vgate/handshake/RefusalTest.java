package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Role;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers that must not become ones, in both roles: turned away with the right reason, and without any state. */
@Timeout(60)
class RefusalTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    private MemoryNetwork network;
    private TestAuthority authority;
    private TestGateway east;
    private TestGateway west;

    @BeforeEach
    void start() {
        network = new MemoryNetwork(1);
        authority = TestAuthority.root(folder, "authority");
        east = new TestGateway(
                network, 1, TestGateway.policy(authority.issue(EAST).with(authority), WEST));
        west = new TestGateway(
                network, 2, TestGateway.policy(authority.issue(WEST).with(authority), EAST));
    }

    @AfterEach
    void stop() {
        east.close();
        west.close();
        network.close();
    }

    /** West presents this, first as client, then as server; east is to give the reason. */
    private void refuses(FailureReason reason, TestAuthority.Issued issued) throws InterruptedException {
        west.handshakes().adopt(TestGateway.policy(issued.with(authority), EAST));
        refuses(reason);
    }

    private void refuses(FailureReason reason) throws InterruptedException {
        assertTrue(west.connect(EAST, east.listen()));
        HandshakeFailure asServer = east.awaitFailure();
        assertEquals(reason, asServer.reason(), asServer.detail());
        assertEquals(Role.SERVER, asServer.role());
        assertFalse(asServer.detail().isBlank());
        assertEquals(FailureReason.REFUSED_BY_PEER, west.awaitFailure().reason());
        assertEquals(1, east.handshakes().counters().failed(Role.SERVER, reason));

        assertTrue(east.connect(WEST, west.listen()));
        HandshakeFailure asClient = east.awaitFailure();
        assertEquals(reason, asClient.reason(), asClient.detail());
        assertEquals(Role.CLIENT, asClient.role());
        assertEquals(7, asClient.attempt());
        HandshakeFailure theirs = west.awaitFailure();
        assertEquals(FailureReason.REFUSED_BY_PEER, theirs.reason());

        assertTrue(east.established.isEmpty());
        assertTrue(east.table().all().isEmpty());
        assertTrue(west.table().all().isEmpty());
    }

    @Test
    void anExpiredCertificate() throws InterruptedException {
        refuses(
                FailureReason.EXPIRED,
                authority.issue(TestAuthority.Request.of(WEST).valid(DAY.multipliedBy(-2), DAY.negated())));
    }

    @Test
    void oneThatIsNotValidYet() throws InterruptedException {
        refuses(
                FailureReason.NOT_YET_VALID,
                authority.issue(TestAuthority.Request.of(WEST).valid(DAY, DAY.multipliedBy(2))));
    }

    @Test
    void oneThatIsRevoked() throws InterruptedException {
        TestAuthority.Issued revoked = authority.issue(WEST);
        east.handshakes()
                .adopt(TestGateway.policy(
                        authority.issue(EAST).with(List.of(authority), authority.revoke(revoked)), WEST));
        refuses(FailureReason.REVOKED, revoked);
        west.handshakes().adopt(TestGateway.policy(authority.issue(WEST).with(authority), EAST));
        assertTrue(west.connect(EAST, east.listen()));
        assertEquals(WEST, east.awaitEstablished().peer(), "another certificate of the same gateway");
    }

    @Test
    void oneOfAnIntermediateAuthorityThatIsRevoked() throws InterruptedException {
        TestAuthority below = authority.intermediate("below");
        Path list = authority.revoke(new TestAuthority.Issued(below.trust(), below.trust()));
        east.handshakes().adopt(TestGateway.policy(authority.issue(EAST).with(List.of(authority), list), WEST));
        refuses(FailureReason.REVOKED, below.issue(WEST));
    }

    /** While authorities are changed over there are two, which may have one name. */
    @Test
    void aListCountsForItsOwnAuthorityOnly() throws InterruptedException {
        TestAuthority other = TestAuthority.root(subfolder(), "authority");
        TestAuthority.Issued accepted = authority.issue(WEST);
        east.handshakes()
                .adopt(TestGateway.policy(
                        authority.issue(EAST).with(List.of(authority, other), other.revoke(accepted)), WEST));
        west.handshakes().adopt(TestGateway.policy(accepted.with(authority), EAST));
        assertTrue(west.connect(EAST, east.listen()));
        assertEquals(WEST, east.awaitEstablished().peer());
    }

    @Test
    void aPeerThatIsRevokedWhileItIsConnectedIsObjectedTo() throws InterruptedException {
        TestAuthority.Issued issued = authority.issue(WEST);
        TestAuthority.Issued own = authority.issue(EAST);
        west.handshakes().adopt(TestGateway.policy(issued.with(authority), EAST));
        assertTrue(west.connect(EAST, east.listen()));
        Association association = east.awaitEstablished();
        assertEquals(Optional.empty(), east.handshakes().objection(association));
        east.handshakes()
                .adopt(TestGateway.policy(own.with(List.of(authority), authority.revoke(authority.issue(WEST))), WEST));
        assertEquals(Optional.empty(), east.handshakes().objection(association), "another one was revoked");
        east.handshakes().adopt(TestGateway.policy(own.with(List.of(authority), authority.revoke(issued)), WEST));
        String objection = east.handshakes().objection(association).orElseThrow();
        assertTrue(objection.startsWith("revoked: the certificate of CN=west-west-1, serial number "), objection);
        TestAuthority other = TestAuthority.root(folder, "other");
        east.handshakes().adopt(TestGateway.policy(own.with(other), WEST));
        objection = east.handshakes().objection(association).orElseThrow();
        assertTrue(objection.startsWith("unknown_authority: "), objection);
        east.handshakes().close(association, true);
        assertEquals(Optional.empty(), east.handshakes().objection(association), "forgotten with the association");
    }

    @Test
    void oneOfAnotherAuthority() throws InterruptedException {
        TestAuthority other = TestAuthority.root(folder, "other");
        west.handshakes().adopt(TestGateway.policy(other.issue(WEST).with(authority), EAST));
        refuses(FailureReason.UNKNOWN_AUTHORITY);
    }

    @Test
    void oneOfAnAuthorityThatOnlySharesTheName() throws InterruptedException {
        TestAuthority impostor = TestAuthority.root(subfolder(), "authority");
        west.handshakes().adopt(TestGateway.policy(impostor.issue(WEST).with(authority), EAST));
        refuses(FailureReason.BAD_CERTIFICATE);
    }

    @Test
    void oneThatAGatewayIssued() throws InterruptedException {
        TestAuthority gateway = authority.gatewayThatIssues();
        refuses(FailureReason.WRONG_USAGE, gateway.issue(WEST));
    }

    @Test
    void oneOfAGatewayThatIsNotConfigured() throws InterruptedException {
        PeerIdentity stranger = new PeerIdentity("north", "north-1");
        west.handshakes().adopt(TestGateway.policy(authority.issue(stranger).with(authority), EAST));
        assertTrue(west.connect(EAST, east.listen()));
        HandshakeFailure failure = east.awaitFailure();
        assertEquals(FailureReason.UNKNOWN_PEER, failure.reason());
        assertEquals(stranger, failure.peer().orElseThrow());
    }

    @Test
    void aConfiguredGatewayAtTheAddressOfAnother() throws InterruptedException {
        PeerIdentity other = new PeerIdentity("west", "west-2");
        east.handshakes().adopt(TestGateway.policy(authority.issue(EAST).with(authority), WEST, other));
        assertTrue(east.connect(other, west.listen()));
        HandshakeFailure failure = east.awaitFailure();
        assertEquals(FailureReason.WRONG_PEER, failure.reason());
        assertEquals("this is vgate://west/west-1, not vgate://west/west-2", failure.detail());
        assertEquals(FailureReason.REFUSED_BY_PEER, west.awaitFailure().reason());
    }

    @Test
    void oneWithTwoNames() throws InterruptedException {
        TestAuthority.Request request = TestAuthority.Request.of(WEST).uri("vgate://north/north-1");
        TestAuthority.Issued issued = authority.issue(request);
        presentsWhatItCouldNotLoad(FailureReason.NO_IDENTITY, issued);
    }

    @Test
    void oneWithoutAName() throws InterruptedException {
        presentsWhatItCouldNotLoad(
                FailureReason.NO_IDENTITY,
                authority.issue(new TestAuthority.Request("nobody").uri("https://west.example/west-1")));
    }

    /** Our own loading refuses such a certificate; a third party does not. */
    private void presentsWhatItCouldNotLoad(FailureReason reason, TestAuthority.Issued issued)
            throws InterruptedException {
        PlainPeer peer = new PlainPeer(network, MemoryNetwork.address(3, 4_433), issued.unchecked(authority), null);
        var unused = peer.connect(east.listen());
        assertEquals(reason, east.awaitFailure().reason());
        assertTrue(east.table().all().isEmpty());
    }

    @Test
    void oneThatIsForClientsOnlyAsServer() throws InterruptedException {
        TestAuthority.Issued issued =
                authority.issue(TestAuthority.Request.of(WEST).purposes(KeyPurposeId.id_kp_clientAuth));
        west.handshakes().adopt(TestGateway.policy(issued.with(authority), EAST));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.WRONG_USAGE, east.awaitFailure().reason());
        assertEquals(FailureReason.REFUSED_BY_PEER, west.awaitFailure().reason());
        assertTrue(west.connect(EAST, east.listen()));
        assertEquals(WEST, east.awaitEstablished().peer());
    }

    @Test
    void oneThatIsNotForSignatures() throws InterruptedException {
        PlainPeer peer = new PlainPeer(
                network,
                MemoryNetwork.address(3, 4_433),
                authority
                        .issue(TestAuthority.Request.of(WEST).usage(KeyUsage.keyAgreement))
                        .with(authority),
                null);
        var unused = peer.connect(east.listen());
        HandshakeFailure failure = east.awaitFailure();
        assertTrue(
                failure.reason() == FailureReason.WRONG_USAGE || failure.reason() == FailureReason.PROTOCOL,
                failure.toString());
    }

    private Path subfolder() {
        Path sub = folder.resolve("sub");
        assertTrue(sub.toFile().mkdir());
        return sub;
    }
}
