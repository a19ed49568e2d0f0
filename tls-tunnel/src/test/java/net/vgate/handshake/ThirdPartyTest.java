package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.DTLSTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With Bouncy Castle's own records at the other end, whose window is 64 records and whose connection IDs have any
 * length.
 */
@Timeout(60)
class ThirdPartyTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    @TempDir
    Path folder;

    private MemoryNetwork network;
    private TestAuthority authority;
    private TestGateway east;

    @BeforeEach
    void start() {
        network = new MemoryNetwork(1);
        authority = TestAuthority.root(folder, "authority");
        east = new TestGateway(
                network, 1, TestGateway.policy(authority.issue(EAST).with(authority), WEST));
    }

    @AfterEach
    void stop() {
        east.close();
        network.close();
    }

    private PlainPeer peer(int connectionIdBytes) {
        return new PlainPeer(
                network,
                MemoryNetwork.address(2, 4_433),
                authority.issue(WEST).with(authority),
                connectionIdBytes < 0 ? null : bytes(connectionIdBytes));
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }

    @ParameterizedTest(name = "connection ID of {0} bytes")
    @ValueSource(ints = {-1, 0, 1, 8, 20, 32, 33})
    void servesAClient(int connectionIdBytes) throws Exception {
        PlainPeer peer = peer(connectionIdBytes);
        DTLSTransport transport = peer.connect(east.listen()).get(15, TimeUnit.SECONDS);
        Association association = east.awaitEstablished();
        assertEquals(WEST, association.peer());
        assertEquals(
                connectionIdBytes >= 0 && connectionIdBytes <= 32,
                association.ids().received());
        assertEquals(
                connectionIdBytes > 32 ? 0 : Math.max(0, connectionIdBytes),
                association.ids().remoteBytes());
        exchange(transport, association);
    }

    @ParameterizedTest(name = "connection ID of {0} bytes")
    @ValueSource(ints = {-1, 0, 1, 8, 20, 32})
    void connectsToAServer(int connectionIdBytes) throws Exception {
        PlainPeer peer = peer(connectionIdBytes);
        CompletableFuture<DTLSTransport> accepted = peer.accept();
        assertTrue(east.connect(WEST, peer.address()));
        Association association = east.awaitEstablished();
        assertEquals(connectionIdBytes >= 0, association.ids().received());
        exchange(accepted.get(15, TimeUnit.SECONDS), association);
    }

    @Test
    void takesMessagesInSmallFragments() throws Exception {
        PlainPeer peer = peer(-1);
        peer.sendLimit = 330;
        exchange(peer.connect(east.listen()).get(15, TimeUnit.SECONDS), east.awaitEstablished());
    }

    @ParameterizedTest(name = "connection ID of {0} bytes")
    @ValueSource(ints = {-1, 8})
    void closeNotifyReachesItAfterManyFastRecords(int connectionIdBytes) throws Exception {
        PlainPeer peer = peer(connectionIdBytes);
        DTLSTransport transport = peer.connect(east.listen()).get(15, TimeUnit.SECONDS);
        Association association = east.awaitEstablished();
        byte[] buffer = new byte[2_000];
        for (int i = 0; i < 20_000; i++) {
            east.send(association, new byte[] {1});
            assertEquals(1, transport.receive(buffer, 0, buffer.length, 5_000), "record " + i);
        }
        east.handshakes().close(association, true);
        assertTrue(isClosed(transport));
    }

    @ParameterizedTest(name = "connection ID of {0} bytes")
    @ValueSource(ints = {-1, 8})
    void itsCloseNotifyIsHeard(int connectionIdBytes) throws Exception {
        PlainPeer peer = peer(connectionIdBytes);
        DTLSTransport transport = peer.connect(east.listen()).get(15, TimeUnit.SECONDS);
        Association association = east.awaitEstablished();
        transport.close();
        TestGateway.await(() -> !east.closed.isEmpty(), "close_notify");
        assertEquals(List.of(association.id() + " PEER_CLOSED"), List.copyOf(east.closed));
    }

    @ParameterizedTest(name = "connection ID of {0} bytes")
    @ValueSource(ints = {-1, 8})
    void aLostFinalFlightIsRepeatedForIt(int connectionIdBytes) throws Exception {
        AtomicInteger lost = new AtomicInteger();
        network.filter((from, to, datagram) -> !from.equals(east.listen())
                || RecordFormat.epoch(ByteBuffer.wrap(datagram), 0) == 0
                || lost.getAndIncrement() >= 1);
        PlainPeer peer = peer(connectionIdBytes);
        CompletableFuture<DTLSTransport> connected = peer.connect(east.listen());
        Association association = east.awaitEstablished();
        exchange(connected.get(15, TimeUnit.SECONDS), association);
        assertTrue(lost.get() > 1);
    }

    @Test
    void aNewAssociationFromTheSameAddressTakesThePlaceOfOneWithoutConnectionIds() throws Exception {
        DTLSTransport unused = peer(-1).connect(east.listen()).get(15, TimeUnit.SECONDS);
        Association first = east.awaitEstablished();
        DTLSTransport transport = peer(-1).connect(east.listen()).get(15, TimeUnit.SECONDS);
        Association second = east.awaitEstablished();
        exchange(transport, second);
        assertEquals(List.of(first.id() + " REPLACED"), List.copyOf(east.closed));
        assertEquals(List.of(second), east.table().all());
        assertNotNull(unused);
    }

    @Test
    void aClientWithoutCertificateIsTurnedAway() throws Exception {
        PlainPeer peer = new PlainPeer(network, MemoryNetwork.address(2, 4_433), null, null);
        CompletableFuture<DTLSTransport> connected = peer.connect(east.listen());
        assertEquals(FailureReason.NO_CERTIFICATE, east.awaitFailure().reason());
        try {
            DTLSTransport transport = connected.get(15, TimeUnit.SECONDS);
            assertTrue(isClosed(transport));
        } catch (ExecutionException turnedAway) {
            assertTrue(turnedAway.getCause() instanceof IOException);
        }
        assertTrue(east.established.isEmpty());
        assertTrue(east.table().all().isEmpty());
    }

    private static boolean isClosed(DTLSTransport transport) throws IOException {
        byte[] buffer = new byte[2_000];
        int received = transport.receive(buffer, 0, buffer.length, 500);
        assertEquals(-1, received);
        try {
            transport.send(new byte[1], 0, 1);
            // Bouncy Castle notes the alert and says nothing; its record layer knows.
            return true;
        } catch (IOException closed) {
            return true;
        }
    }

    private void exchange(DTLSTransport transport, Association association)
            throws IOException, InterruptedException, TimeoutException {
        byte[] buffer = new byte[2_000];
        east.data.clear();
        for (int i = 0; i < 100; i++) {
            byte[] payload = bytes(i);
            payload = i == 0 ? bytes(1_300) : payload;
            east.send(association, payload);
            int length = transport.receive(buffer, 0, buffer.length, 5_000);
            assertEquals(payload.length, length);
            transport.send(buffer, 0, length);
        }
        east.awaitData(100);
        assertArrayEquals(bytes(1_300), east.data.peek());
        assertFalse(association.isRetired());
    }
}
