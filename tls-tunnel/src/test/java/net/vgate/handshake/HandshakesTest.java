package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Role;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HandshakesTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    @TempDir
    Path folder;

    private MemoryNetwork network = new MemoryNetwork(1);
    private TestGateway east;
    private TestGateway west;

    @BeforeEach
    void start() {
        TestAuthority authority = TestAuthority.root(folder, "authority");
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

    @Test
    void twoGatewaysPairAndExchangeData() throws InterruptedException {
        assertTrue(east.connect(WEST, west.listen()));
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        assertEquals(WEST, client.peer());
        assertEquals(EAST, server.peer());
        assertEquals(Role.CLIENT, client.role());
        assertEquals(Role.SERVER, server.role());
        assertEquals("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", client.cipherSuite());
        assertEquals(client.cipherSuite(), server.cipherSuite());
        assertEquals(west.listen(), client.remote());
        assertEquals(east.connectFrom(), server.remote());
        assertTrue(client.ids().received());
        assertEquals(8, client.ids().remoteBytes());
        assertNotEquals(client.id(), server.id());
        exchange(client, server, 200);
    }

    private void exchange(Association client, Association server, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            east.send(client, new byte[] {1, (byte) i});
            west.send(server, new byte[] {2, (byte) i});
        }
        west.awaitData(count);
        east.awaitData(count);
        assertArrayEquals(new byte[] {1, 0}, west.data.peek());
        assertArrayEquals(new byte[] {2, 0}, east.data.peek());
        east.data.clear();
        west.data.clear();
    }
}
