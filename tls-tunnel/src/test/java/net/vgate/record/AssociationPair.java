package net.vgate.record;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.SplittableRandom;

/** Two ends of an association without a handshake, for tests. */
public final class AssociationPair {
    public static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    public static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    private final Association client;
    private final Association server;

    private AssociationPair(Association client, Association server) {
        this.client = client;
        this.server = server;
    }

    /** Both write connection IDs of 8 bytes. */
    public static AssociationPair withIds(AeadAlgorithm algorithm, long seed) {
        return withIds(new JceAead(), algorithm, seed);
    }

    static AssociationPair withIds(Aead aead, AeadAlgorithm algorithm, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long clientId = random.nextLong();
        long serverId = random.nextLong();
        return of(
                aead,
                algorithm,
                random,
                ConnectionIds.negotiated(clientId, cid(serverId)),
                ConnectionIds.negotiated(serverId, cid(clientId)));
    }

    /** Neither writes connection IDs. */
    public static AssociationPair withoutIds(AeadAlgorithm algorithm, long seed) {
        return withoutIds(new JceAead(), algorithm, seed);
    }

    static AssociationPair withoutIds(Aead aead, AeadAlgorithm algorithm, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return of(
                aead,
                algorithm,
                random,
                ConnectionIds.without(random.nextLong()),
                ConnectionIds.without(random.nextLong()));
    }

    static AssociationPair of(
            Aead aead,
            AeadAlgorithm algorithm,
            SplittableRandom random,
            ConnectionIds clientIds,
            ConnectionIds serverIds) {
        byte[] keyBlock = new byte[RecordKeys.keyBlockBytes(algorithm)];
        random.nextBytes(keyBlock);
        return of(aead, algorithm, keyBlock, clientIds, serverIds);
    }

    static AssociationPair of(
            Aead aead, AeadAlgorithm algorithm, byte[] keyBlock, ConnectionIds clientIds, ConnectionIds serverIds) {
        return new AssociationPair(
                end(aead, RecordKeys.of(algorithm, keyBlock, Role.CLIENT), Role.CLIENT, clientIds),
                end(aead, RecordKeys.of(algorithm, keyBlock, Role.SERVER), Role.SERVER, serverIds));
    }

    private static Association end(Aead aead, RecordKeys keys, Role role, ConnectionIds ids) {
        boolean client = role == Role.CLIENT;
        return new Association(
                new Association.Terms(
                        ids, role, client ? WEST : EAST, "TLS_TEST_WITH_" + keys.algorithm(), Instant.MAX),
                new Association.Path(client ? 1 : 0, address(client ? 2 : 1)),
                keys,
                new ControlProtector(ids, keys),
                aead,
                1,
                1_000);
    }

    public static InetSocketAddress address(int host) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) host}), 4433);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static byte[] cid(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    public Association client() {
        return client;
    }

    public Association server() {
        return server;
    }
}
