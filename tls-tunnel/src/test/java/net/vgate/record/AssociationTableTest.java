package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.vgate.packet.OuterAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssociationTableTest {
    private final AssociationTable table = new AssociationTable();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void agreesWithMaps(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Long, Association> byId = new HashMap<>();
        Map<Association.Path, Association> byPath = new HashMap<>();
        Set<Long> handshaking = new HashSet<>();
        List<Association> ever = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            switch (random.nextInt(5)) {
                case 0 -> handshaking.add(table.reserve(0, random));
                case 1 -> {
                    if (!handshaking.isEmpty()) {
                        long cid = handshaking.iterator().next();
                        handshaking.remove(cid);
                        table.release(cid);
                    }
                }
                case 2 -> {
                    long cid = handshaking.isEmpty()
                            ? random.nextLong()
                            : handshaking.iterator().next();
                    handshaking.remove(cid);
                    Association association = association(random, cid);
                    ever.add(association);
                    byId.put(cid, association);
                    Association replaced = null;
                    if (!association.ids().received()) {
                        replaced = byPath.put(path(association), association);
                        if (replaced != null) {
                            byId.remove(replaced.id());
                        }
                    }
                    assertSame(replaced, table.add(association));
                }
                case 3 -> {
                    if (!ever.isEmpty()) {
                        Association association = ever.get(random.nextInt(ever.size()));
                        assertEquals(byId.remove(association.id(), association), table.remove(association));
                        byPath.remove(path(association), association);
                    }
                }
                default -> {
                    for (Association association : ever) {
                        assertSame(byId.get(association.id()), table.find(association.id()));
                        ByteBuffer address = ByteBuffer.allocate(40);
                        OuterAddress.write(address, 5, association.remote());
                        assertSame(byPath.get(path(association)), table.find(address, 5, association.local()));
                    }
                    for (long cid : handshaking) {
                        assertTrue(table.isHandshaking(cid));
                        assertNull(table.find(cid));
                    }
                }
            }
        }
        assertEquals(byId.size(), table.all().size());
    }

    @Test
    void aConnectionIdThatNobodyHasIsNotHandshaking() {
        assertFalse(table.isHandshaking(0));
        assertNull(table.find(0));
        long cid = table.reserve(0, new SplittableRandom(1));
        assertTrue(table.isHandshaking(cid));
        table.release(cid);
        assertFalse(table.isHandshaking(cid));
    }

    private static Association.Path path(Association association) {
        return new Association.Path(association.local(), association.remote());
    }

    private static Association association(SplittableRandom random, long cid) {
        ConnectionIds ids = random.nextBoolean()
                ? ConnectionIds.without(cid)
                : ConnectionIds.negotiated(cid, new byte[random.nextInt(33)]);
        RecordKeys keys = RecordKeys.of(AeadAlgorithm.AES_128_GCM, new byte[40], Role.SERVER);
        return new Association(
                new Association.Terms(ids, Role.SERVER, AssociationPair.WEST, "TLS_TEST", Instant.MAX),
                new Association.Path(random.nextInt(2), address(random)),
                keys,
                new ControlProtector(ids, keys),
                new JceAead(),
                1,
                0);
    }

    /** Few enough for peers to meet. */
    private static InetSocketAddress address(SplittableRandom random) {
        byte[] ip = new byte[random.nextBoolean() ? 4 : 16];
        ip[0] = 0x20;
        ip[ip.length - 1] = (byte) random.nextInt(4);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), 4_000 + random.nextInt(4));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
