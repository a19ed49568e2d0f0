package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(TestAead.class)
class RecordProtectorTest {
    private static final int CAPACITY = 64;
    private static final int[] SLOTS = range(256);

    private final List<String> nonData = new ArrayList<>();
    private boolean sinkHasRoom = true;
    private final RecordProtector protector = new RecordProtector(
            CAPACITY,
            (association, type, content) -> {
                nonData.add(type + ":" + Arrays.toString(content));
                return sinkHasRoom;
            },
            () -> 5_000,
            0);

    private final Aead aead;

    RecordProtectorTest(TestAead provider) {
        this.aead = provider.aead();
    }

    /** Makes a pair whose records are protected by the given provider. */
    private interface PairOf extends Function<Aead, AssociationPair> {}

    static Stream<Named<PairOf>> pairs() {
        return Stream.of(
                Named.of("128, IDs", aead -> AssociationPair.withIds(aead, AeadAlgorithm.AES_128_GCM, 1)),
                Named.of("256, IDs", aead -> AssociationPair.withIds(aead, AeadAlgorithm.AES_256_GCM, 2)),
                Named.of("128", aead -> AssociationPair.withoutIds(aead, AeadAlgorithm.AES_128_GCM, 3)),
                Named.of("256", aead -> AssociationPair.withoutIds(aead, AeadAlgorithm.AES_256_GCM, 4)),
                Named.of("ChaCha, IDs", aead -> AssociationPair.withIds(aead, AeadAlgorithm.CHACHA20_POLY1305, 5)),
                Named.of("ChaCha", aead -> AssociationPair.withoutIds(aead, AeadAlgorithm.CHACHA20_POLY1305, 6)),
                Named.of("128, an ID one way", RecordProtectorTest::oneWay));
    }

    /** Only the server asked for connection IDs in what it receives, as third parties may. */
    private static AssociationPair oneWay(Aead aead) {
        return AssociationPair.of(
                aead,
                AeadAlgorithm.AES_128_GCM,
                new SplittableRandom(5),
                new ConnectionIds(1, false, AssociationPair.cid(2)),
                ConnectionIds.negotiated(2, new byte[0]));
    }

    private AssociationPair pair() {
        return AssociationPair.withIds(aead, AeadAlgorithm.AES_128_GCM, 1);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void opensWhatTheOtherEndSealed(PairOf recipe) {
        AssociationPair pair = recipe.apply(aead);
        SplittableRandom random = new SplittableRandom(9);
        for (int round = 0; round < 50; round++) {
            PacketBatch batch = new PacketBatch(150, 2_000);
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(150); i++) {
                byte[] payload = bytes(random, random.nextInt(1_500));
                sent.add(payload);
                batch.addCopy(payload);
            }
            protector.seal(batch, SLOTS, batch.size(), pair.client());
            for (int slot = 0; slot < batch.size(); slot++) {
                assertEquals(sent.get(slot).length + pair.client().overheadBytes(), batch.length(slot));
                assertEquals(pair.client().remote(), OuterAddress.read(batch.addresses(), batch.addressOffset(slot)));
                assertEquals(pair.client().local(), batch.local(slot));
            }
            protector.open(batch, SLOTS, batch.size(), pair.server());
            for (int slot = 0; slot < batch.size(); slot++) {
                assertNull(batch.dropReason(slot));
                assertArrayEquals(sent.get(slot), batch.copyOut(slot));
            }
        }
        assertEquals(pair.client().sealedRecords(), pair.server().openedRecords());
        assertEquals(5_000, pair.server().lastAuthenticatedNanos());
    }

    @Test
    void aProviderLeavesWhatItDoesNotSupportToTheJdkAndSaysSo() {
        AssociationPair gcm = pair();
        assertEquals(aead.name(), gcm.client().aeadName());
        AssociationPair chaCha = AssociationPair.withIds(aead, AeadAlgorithm.CHACHA20_POLY1305, 1);
        assertEquals("sunjce", chaCha.client().aeadName());
        assertEquals(gcm.client().overheadBytes() - 8, chaCha.client().overheadBytes());
    }

    @Test
    void writesTheRecordThatRfc9146Says() {
        AssociationPair pair = pair();
        ByteBuffer record = ByteBuffer.wrap(seal(pair.client(), new byte[100]));
        assertEquals(25, RecordFormat.contentType(record, 0));
        assertEquals(0xfefd, RecordFormat.version(record, 0));
        assertEquals(1, RecordFormat.epoch(record, 0));
        assertEquals(0, RecordFormat.sequence(record, 0));
        assertEquals(pair.server().id(), RecordFormat.localCid(record, 0));
        assertEquals(8 + 100 + 1 + 16, RecordFormat.length(record, 0, 8));
        assertEquals(1L << 48, record.getLong(21));
        assertEquals(1, RecordFormat.sequence(ByteBuffer.wrap(seal(pair.client(), new byte[1])), 0));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void refusesARecordSeenBeforeAlsoWithinOneBatch(PairOf recipe) {
        AssociationPair pair = recipe.apply(aead);
        byte[] record = seal(pair.client(), new byte[50]);
        assertEquals(Arrays.asList(null, DropReason.REPLAY), open(pair.server(), record, record));
        assertEquals(List.of(DropReason.REPLAY), open(pair.server(), record));
        assertEquals(2, pair.server().replays());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void refusesARecordWithAnyBitChanged(PairOf recipe) {
        AssociationPair pair = recipe.apply(aead);
        byte[] record = seal(pair.client(), new byte[20]);
        for (int bit = 0; bit < record.length * 8; bit++) {
            byte[] forged = record.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            DropReason reason = open(pair.server(), forged).get(0);
            assertNotNull(reason, "bit " + bit);
        }
        assertEquals(0, pair.server().openedRecords());
        assertTrue(pair.server().failedOpenings() > 0);
        assertNull(open(pair.server(), record).get(0));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void refusesARecordOfAnyOtherLength(PairOf recipe) {
        AssociationPair pair = recipe.apply(aead);
        byte[] record = seal(pair.client(), new byte[20]);
        for (int length = 0; length < record.length; length++) {
            assertEquals(List.of(DropReason.NOT_A_RECORD), open(pair.server(), Arrays.copyOf(record, length)));
        }
        assertEquals(List.of(DropReason.NOT_A_RECORD), open(pair.server(), Arrays.copyOf(record, record.length + 1)));
        assertEquals(List.of(DropReason.NOT_A_RECORD), open(pair.server(), Arrays.copyOf(record, 40_000)));
    }

    @Test
    void saysWhatIsWrongWithAHeader() {
        AssociationPair pair = pair();
        byte[] record = seal(pair.client(), new byte[20]);
        assertEquals(List.of(DropReason.NOT_A_RECORD), open(pair.server(), with(record, 0, 23)));
        assertEquals(List.of(DropReason.NOT_A_RECORD), open(pair.server(), with(record, 2, 0xff)));
        assertEquals(List.of(DropReason.WRONG_EPOCH), open(pair.server(), with(record, 4, 0)));
        assertEquals(List.of(DropReason.WRONG_EPOCH), open(pair.server(), with(record, 4, 2)));
        assertEquals(List.of(DropReason.AUTH_FAILED), open(pair.server(), with(record, 10, 77)));
        assertEquals(List.of(DropReason.UNKNOWN_ASSOCIATION), open(pair.server(), with(record, 11, record[11] ^ 1)));
        assertEquals(List.of(DropReason.AUTH_FAILED), open(pair.server(), with(record, 40, record[40] ^ 1)));
    }

    @Test
    void aForgedNumberDoesNotMoveTheWindow() {
        AssociationPair pair = pair();
        byte[] early = seal(pair.client(), new byte[20]);
        byte[] forged = seal(pair.client(), new byte[20]);
        Arrays.fill(forged, 5, 11, (byte) 0xff);
        assertEquals(List.of(DropReason.AUTH_FAILED), open(pair.server(), forged));
        assertNull(open(pair.server(), early).get(0));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void handsOnWhatIsNoApplicationData(PairOf recipe) {
        AssociationPair pair = recipe.apply(aead);
        byte[] alert = pair.client().sealCloseNotify();
        assertNotNull(alert);
        assertEquals(List.of(DropReason.CONSUMED), open(pair.server(), alert));
        assertEquals(List.of("21:[1, 0]"), nonData);
        sinkHasRoom = false;
        byte[] finished = pair.client().seal(RecordFormat.HANDSHAKE, new byte[] {20});
        assertNotNull(finished);
        assertEquals(List.of(DropReason.CONTROL_QUEUE_FULL), open(pair.server(), finished));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void opensWhatControlSealedAndControlOpensWhatAWorkerSealed(PairOf recipe) {
        AssociationPair pair = recipe.apply(aead);
        byte[] payload = {1, 2, 3};
        byte[] fromControl = pair.client().sealControl(payload);
        assertNotNull(fromControl);
        PacketBatch batch = batch(fromControl);
        protector.open(batch, SLOTS, 1, pair.server());
        assertArrayEquals(payload, batch.copyOut(0));

        byte[] fromWorker = seal(pair.client(), payload);
        OpenedRecord opened = pair.server().openApart(fromWorker, 0, fromWorker.length);
        assertNotNull(opened);
        assertEquals(RecordFormat.APPLICATION_DATA, opened.contentType());
        assertArrayEquals(payload, opened.content());
        fromWorker[fromWorker.length - 1] ^= 1;
        assertNull(pair.server().openApart(fromWorker, 0, fromWorker.length));
    }

    @Test
    void dropsRatherThanPassesTheLimitOfAKey() {
        AssociationPair pair = pair();
        assertEquals(0, pair.client().sequence().reserve((int) (SequenceSource.MAX_RECORDS - 3), 0));
        PacketBatch batch = batch(new byte[10], new byte[10], new byte[10]);
        protector.seal(batch, SLOTS, 3, pair.client());
        assertEquals(DropReason.KEY_EXHAUSTED, batch.dropReason(0));
        assertEquals(DropReason.KEY_EXHAUSTED, batch.dropReason(2));
        batch = batch(new byte[10], new byte[10]);
        protector.seal(batch, SLOTS, 2, pair.client());
        assertNull(batch.dropReason(1));
        assertNull(pair.client().sealControl(new byte[1]));

        Association manyBytes =
                AssociationPair.withIds(aead, AeadAlgorithm.AES_128_GCM, 2).client();
        assertEquals(0, manyBytes.sequence().reserve(1, SequenceSource.MAX_BYTES - 100));
        assertNull(manyBytes.sealControl(new byte[100]));
        assertNotNull(manyBytes.sealControl(new byte[90]));
    }

    @Test
    void sealsOnlyWhatIsLiveAndFits() {
        AssociationPair pair = pair();
        PacketBatch batch = new PacketBatch(4);
        batch.addCopy(new byte[10]);
        batch.addCopy(new byte[10]);
        batch.addCopy(new byte[RecordFormat.MAX_PLAINTEXT_BYTES + 1]);
        batch.addCopy(new byte[RecordFormat.MAX_PLAINTEXT_BYTES]);
        batch.drop(0, DropReason.POLICY);
        protector.seal(batch, SLOTS, 4, pair.client());
        assertEquals(DropReason.POLICY, batch.dropReason(0));
        assertEquals(10, batch.length(0));
        assertEquals(DropReason.TOO_BIG, batch.dropReason(2));
        assertEquals(2, pair.client().sealedRecords());
        protector.open(batch, new int[] {1, 3}, 2, pair.server());
        assertEquals(10, batch.length(1));
        assertEquals(RecordFormat.MAX_PLAINTEXT_BYTES, batch.length(3));
    }

    @Test
    void stripsPaddingOfOtherPrograms() {
        AssociationPair pair = pair();
        // The content type that seal() appends is 0, so it passes for padding after a real one.
        byte[] padded = pair.client().seal(0, new byte[] {9, 9, 23, 0, 0});
        byte[] empty = pair.client().seal(0, new byte[20]);
        assertNotNull(padded);
        assertNotNull(empty);
        PacketBatch batch = batch(padded, empty);
        protector.open(batch, SLOTS, 2, pair.server());
        assertArrayEquals(new byte[] {9, 9}, batch.copyOut(0));
        assertEquals(DropReason.NOT_A_RECORD, batch.dropReason(1));
    }

    @Test
    void aRetiredAssociationSealsNoControlRecords() {
        Association client =
                AssociationPair.withIds(aead, AeadAlgorithm.AES_128_GCM, 1).client();
        new Quiescence().retire(client);
        assertNull(client.sealControl(new byte[1]));
        assertNull(client.sealCloseNotify());
    }

    @Test
    void onlyTheNewestAuthenticRecordSaysWhereThePeerIs() {
        AssociationPair pair = pair();
        InetSocketAddress home = pair.server().remote();
        InetSocketAddress there = new InetSocketAddress("203.0.113.9", 999);
        byte[] older = seal(pair.client(), new byte[50]);
        byte[] newer = seal(pair.client(), new byte[50]);
        openFrom(home, pair.server(), newer);
        assertNull(takeElsewhere(pair.server()));

        openFrom(there, pair.server(), older);
        openFrom(there, pair.server(), newer);
        openFrom(there, pair.server(), with(seal(pair.client(), new byte[50]), 40, 1));
        assertNull(takeElsewhere(pair.server()));

        openFrom(there, pair.server(), seal(pair.client(), new byte[50]));
        openFrom(new InetSocketAddress("203.0.113.10", 999), pair.server(), seal(pair.client(), new byte[50]));
        assertEquals(there, takeElsewhere(pair.server()));
        assertNull(takeElsewhere(pair.server()));
        assertEquals(home, pair.server().remote());

        pair.server().move(new Path(pair.server().local(), there));
        openFrom(there, pair.server(), seal(pair.client(), new byte[50]));
        assertNull(takeElsewhere(pair.server()));
        PacketBatch batch = batch(new byte[50]);
        protector.seal(batch, SLOTS, 1, pair.server());
        assertEquals(there, OuterAddress.read(batch.addresses(), batch.addressOffset(0)));
    }

    @Test
    void anotherSocketOfOursIsAnotherPathAndAStreamIsNone() {
        AssociationPair pair = pair();
        Path home = pair.server().path();
        open(new Path(Path.STREAM, home.remote()), pair.server(), seal(pair.client(), new byte[50]));
        assertNull(pair.server().elsewhere());

        Path beside = new Path(home.local() + 1, home.remote());
        open(beside, pair.server(), seal(pair.client(), new byte[50]));
        assertEquals(beside, pair.server().elsewhere());
        pair.server().forgetElsewhere();

        pair.server().move(beside);
        open(beside, pair.server(), seal(pair.client(), new byte[50]));
        assertNull(pair.server().elsewhere());
        PacketBatch batch = batch(new byte[50]);
        protector.seal(batch, SLOTS, 1, pair.server());
        assertEquals(beside.local(), batch.local(0));

        pair.server().move(new Path(Path.STREAM, home.remote()));
        open(home, pair.server(), seal(pair.client(), new byte[50]));
        assertNull(pair.server().elsewhere());
    }

    private static @Nullable InetSocketAddress takeElsewhere(Association association) {
        Path taken = association.elsewhere();
        assertEquals(taken != null, association.takeNotedElsewhere());
        association.forgetElsewhere();
        return taken == null ? null : taken.remote();
    }

    private void openFrom(InetSocketAddress from, Association association, byte[] record) {
        open(new Path(association.local(), from), association, record);
    }

    private void open(Path by, Association association, byte[] record) {
        PacketBatch batch = batch(record);
        batch.setLocal(0, by.local());
        OuterAddress.write(batch.addresses(), batch.addressOffset(0), by.remote());
        protector.open(batch, SLOTS, 1, association);
    }

    @Test
    void keysDoNotShowInWords() {
        RecordKeys keys = RecordKeys.of(AeadAlgorithm.AES_128_GCM, new byte[40], Role.CLIENT);
        assertEquals("RecordKeys", keys.toString());
        assertEquals("AeadCipher", keys.newWriteCipher().toString());
        assertFalse(keys.newReadKey(aead).toString().contains("@"), "has no toString of its own");
        assertEquals("ControlProtector", new ControlProtector(ConnectionIds.without(1), keys).toString());
    }

    private byte[] seal(Association association, byte[] payload) {
        PacketBatch batch = batch(payload);
        protector.seal(batch, SLOTS, 1, association);
        assertNull(batch.dropReason(0));
        return batch.copyOut(0);
    }

    private List<DropReason> open(Association association, byte[]... records) {
        PacketBatch batch = batch(records);
        protector.open(batch, SLOTS, batch.size(), association);
        List<DropReason> reasons = new ArrayList<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            reasons.add(batch.dropReason(slot));
        }
        return reasons;
    }

    private static PacketBatch batch(byte[]... packets) {
        PacketBatch batch = new PacketBatch(packets.length);
        for (byte[] packet : packets) {
            batch.addCopy(packet);
        }
        return batch;
    }

    private static byte[] with(byte[] record, int at, int value) {
        byte[] changed = record.clone();
        changed[at] = (byte) value;
        return changed;
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static int[] range(int count) {
        int[] slots = new int[count];
        Arrays.setAll(slots, i -> i);
        return slots;
    }
}
