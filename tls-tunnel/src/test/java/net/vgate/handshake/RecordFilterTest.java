package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import net.vgate.record.RecordFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFilterTest {
    private static final long CID = 0x0102_0304_0506_0708L;
    private static final int[] SERVER_FLIGHT = {2, 11, 12, 13, 14};
    private static final int[] CLIENT_FLIGHT = {11, 16, 15};

    private final SplittableRandom random = new SplittableRandom(1);

    /** A message as the filter gave it out. */
    private record Message(int type, int sequence, String body) {}

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void putsMessagesTogetherFromFragmentsInAnyOrder(int seed) {
        for (int[] flight : List.of(SERVER_FLIGHT, CLIENT_FLIGHT)) {
            boolean client = flight == SERVER_FLIGHT;
            RecordFilter filter = client ? RecordFilter.client(CID) : server();
            int first = client ? 0 : 2;
            List<Message> wanted = new ArrayList<>();
            List<byte[]> datagrams = new ArrayList<>();
            for (int i = 0; i < flight.length; i++) {
                byte[] body = bytes(flight[i] == 14 ? 0 : 1 + random.nextInt(flight[i] == 11 ? 20_000 : 2_000));
                wanted.add(message(flight[i], first + i, body));
                datagrams.addAll(fragments(flight[i], first + i, body, 200 + random.nextInt(1_200)));
            }
            datagrams.addAll(List.copyOf(datagrams.subList(0, datagrams.size() / 2)));
            Collections.shuffle(datagrams, new Random(seed));
            datagrams.forEach(filter::accept);
            assertEquals(wanted, messages(drain(filter)));
            assertEquals(flight.length, filter.steps());
        }
    }

    @Test
    void givesOutOneMessageAtItsTurnOnly() {
        RecordFilter filter = RecordFilter.client(CID);
        filter.accept(Attacks.fragment(11, 3, 1, 0, new byte[3]));
        assertNull(filter.poll());
        filter.accept(Attacks.fragment(2, 40, 0, 0, new byte[40]));
        assertEquals(2, drain(filter).size());
    }

    @Test
    void takesNothingThatThePeersRoleDoesNotSend() {
        RecordFilter client = RecordFilter.client(CID);
        RecordFilter server = server();
        for (int type = 0; type < 256; type++) {
            byte[] record = Attacks.fragment(type, 4, 2, 0, new byte[4]);
            if (!List.of(2, 3, 11, 12, 13, 14, 22).contains(type)) {
                assertFalse(client.accept(record), "type " + type);
            }
            if (!List.of(11, 15, 16).contains(type)) {
                assertFalse(server.accept(record), "type " + type);
            }
        }
        assertNull(client.poll());
    }

    @Test
    void aWrongMessageInTheRightPlaceWaitsInVain() {
        RecordFilter filter = server();
        assertTrue(filter.accept(Attacks.fragment(15, 4, 2, 0, new byte[4])));
        assertTrue(filter.accept(Attacks.fragment(16, 4, 2, 0, new byte[4])));
        assertNull(filter.poll());
        assertTrue(filter.accept(Attacks.fragment(11, 4, 2, 0, new byte[4])));
        assertEquals(List.of(message(11, 2, new byte[4])), messages(drain(filter)));
    }

    @Test
    void bytesThatAreThereStand() {
        RecordFilter filter = server();
        filter.accept(Attacks.fragment(11, 10, 2, 0, new byte[] {1, 1, 1, 1, 1}));
        filter.accept(Attacks.fragment(11, 10, 2, 0, new byte[] {2, 2, 2, 2, 2, 2, 2, 2}));
        filter.accept(Attacks.fragment(11, 10, 2, 7, new byte[] {3, 3, 3}));
        assertEquals(List.of(message(11, 2, new byte[] {1, 1, 1, 1, 1, 2, 2, 2, 3, 3})), messages(drain(filter)));
    }

    @Test
    void changesTheCipherOnlyWhenFinishedComesAndNothingElseIsMissing() {
        RecordFilter filter = server();
        byte[] finished = finished(CID);
        filter.accept(Attacks.record(RecordFormat.CHANGE_CIPHER_SPEC, 0, new byte[] {1}));
        filter.accept(finished);
        filter.accept(Attacks.fragment(15, 4, 4, 0, new byte[4]));
        filter.accept(Attacks.fragment(16, 4, 3, 0, new byte[4]));
        assertNull(filter.poll());
        filter.accept(Attacks.fragment(11, 4, 2, 0, new byte[4]));
        List<byte[]> output = drain(filter);
        assertEquals(5, output.size());
        assertEquals(RecordFormat.CHANGE_CIPHER_SPEC, output.get(3)[0]);
        assertArrayEquals(finished, output.get(4));
        filter.accept(finished);
        assertEquals(1, drain(filter).size(), "the cipher changes once");
    }

    @Test
    void takesProtectedRecordsForItsOwnConnectionIdOnly() {
        RecordFilter filter = server();
        assertTrue(filter.accept(finished(CID)));
        assertFalse(filter.accept(finished(CID + 1)));
        for (int length = 0; length < 16; length++) {
            assertFalse(filter.accept(Attacks.record(22, 1, new byte[length])));
        }
        assertTrue(filter.accept(Attacks.record(22, 1, new byte[16])));
        assertFalse(filter.accept(Attacks.record(22, 1, new byte[5_000])));
        assertFalse(filter.accept(Attacks.record(23, 1, new byte[100])));
        assertFalse(filter.accept(Attacks.record(22, 2, new byte[100])));
    }

    @Test
    void letsARepeatedFlightThroughIfItIsTheSame() {
        RecordFilter filter = server();
        byte[] body = bytes(500);
        filter.accept(Attacks.fragment(11, 500, 2, 0, body));
        drain(filter);
        assertTrue(filter.accept(Attacks.fragment(11, 500, 2, 0, body)));
        assertEquals(List.of(message(11, 2, body)), messages(drain(filter)));
        byte[] changed = body.clone();
        changed[499]++;
        assertFalse(filter.accept(Attacks.fragment(11, 500, 2, 0, changed)));
        assertFalse(filter.accept(Attacks.fragment(11, 501, 2, 0, body)));
        assertFalse(filter.accept(Attacks.fragment(16, 500, 2, 0, body)));
        assertTrue(filter.accept(clientHello()), "the ClientHello, too");
        assertEquals(1, drain(filter).size());
    }

    @Test
    void notesAnAlertUntilTheHandshakeMovesOn() {
        RecordFilter filter = server();
        filter.accept(Attacks.record(RecordFormat.ALERT, 0, new byte[] {1, 90}));
        assertNull(filter.alert());
        filter.accept(Attacks.record(RecordFormat.ALERT, 0, new byte[] {2, 48}));
        assertArrayEquals(new byte[] {2, 48}, filter.alert());
        assertNull(filter.poll());
        filter.accept(Attacks.fragment(11, 4, 2, 0, new byte[4]));
        assertNull(filter.alert());
    }

    @Test
    void triesASecondCookieButNotManyMore() {
        RecordFilter filter = RecordFilter.client(CID);
        int given = 0;
        for (int i = 0; i < 20; i++) {
            filter.accept(Attacks.fragment(3, 7, 0, 0, new byte[] {-2, -3, 4, 0, 0, 0, (byte) i}));
            List<Message> messages = messages(drain(filter));
            given += messages.size();
            messages.forEach(message -> assertEquals(3, message.type()));
        }
        assertEquals(6, given);
    }

    @Test
    void forgetsWhatCameBeforeTheCookie() {
        RecordFilter filter = RecordFilter.client(CID);
        filter.accept(Attacks.fragment(2, 40, 1, 0, new byte[40]));
        filter.accept(Attacks.fragment(3, 7, 0, 0, new byte[7]));
        assertEquals(1, drain(filter).size());
        byte[] genuine = bytes(40);
        filter.accept(Attacks.fragment(2, 40, 1, 0, genuine));
        assertEquals(List.of(message(2, 1, genuine)), messages(drain(filter)));
    }

    @Test
    void memoryAndWorkAreBounded() {
        RecordFilter filter = server();
        for (int i = 0; i < 100_000; i++) {
            int length = 1 + random.nextInt(HandshakeMessage.MAX_BODY_BYTES);
            int at = random.nextInt(length);
            filter.accept(Attacks.fragment(11, length, 3 + random.nextInt(7), at, new byte[1]));
            filter.accept(finished(CID));
        }
        assertNull(filter.poll());
        filter.accept(Attacks.fragment(11, 4, 2, 0, new byte[4]));
        assertTrue(drain(filter).size() <= 1);
    }

    @Test
    void seesSeveralRecordsAndSeveralMessagesInOneDatagram() {
        RecordFilter filter = server();
        ByteArrayOutputStream datagram = new ByteArrayOutputStream();
        byte[] certificate = Attacks.fragment(11, 4, 2, 0, new byte[4]);
        byte[] exchange = Attacks.fragment(16, 4, 3, 0, new byte[4]);
        byte[] both = Arrays.copyOf(certificate, 13 + 32);
        System.arraycopy(exchange, 13, both, 13 + 16, 16);
        both[12] = 32;
        datagram.writeBytes(both);
        datagram.writeBytes(Attacks.fragment(15, 4, 4, 0, new byte[4]));
        datagram.writeBytes(finished(CID));
        assertTrue(filter.accept(datagram.toByteArray()));
        assertEquals(5, drain(filter).size());
    }

    private static RecordFilter server() {
        return RecordFilter.server(CID, clientHello());
    }

    private static byte[] clientHello() {
        return StallingClient.clientHello(new byte[32], new byte[32], 1);
    }

    private static byte[] finished(long cid) {
        byte[] record = new byte[21 + 49];
        record[0] = RecordFormat.TLS12_CID;
        ByteBuffer.wrap(record)
                .putShort(1, (short) RecordFormat.DTLS_1_2)
                .putLong(3, 1L << 48)
                .putLong(11, cid)
                .putShort(19, (short) 49);
        return record;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Message message(int type, int sequence, byte[] body) {
        return new Message(type, sequence, Arrays.toString(body));
    }

    /** Fragments with overlaps. */
    private List<byte[]> fragments(int type, int sequence, byte[] body, int size) {
        List<byte[]> all = new ArrayList<>();
        int at = 0;
        do {
            int from = Math.max(0, at - random.nextInt(20));
            int to = Math.min(body.length, at + size);
            all.add(Attacks.fragment(type, body.length, sequence, from, Arrays.copyOfRange(body, from, to)));
            at = to;
        } while (at < body.length);
        return all;
    }

    private static List<byte[]> drain(RecordFilter filter) {
        List<byte[]> all = new ArrayList<>();
        for (byte[] record = filter.poll(); record != null; record = filter.poll()) {
            assertTrue(record.length <= RecordFilter.MAX_OUTPUT_BYTES);
            all.add(record);
        }
        return all;
    }

    /**
     * Puts the output together by itself: fragments must be in order and without gaps. Repeated messages are left out.
     */
    private static List<Message> messages(List<byte[]> records) {
        List<Message> messages = new ArrayList<>();
        Set<Integer> complete = new HashSet<>();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] record : records) {
            assertEquals(RecordFormat.HANDSHAKE, record[0]);
            if (complete.contains(HandshakeMessage.sequence(record, 13)) && body.size() == 0) {
                continue;
            }
            assertEquals(body.size(), HandshakeMessage.fragmentOffset(record, 13));
            body.write(record, 25, record.length - 25);
            if (body.size() == HandshakeMessage.length(record, 13)) {
                messages.add(message(
                        HandshakeMessage.type(record, 13), HandshakeMessage.sequence(record, 13), body.toByteArray()));
                complete.add(HandshakeMessage.sequence(record, 13));
                body.reset();
            }
        }
        assertEquals(0, body.size());
        assertNotNull(messages);
        return messages;
    }
}
