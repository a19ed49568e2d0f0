package net.vgate.handshake;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.record.RecordFormat;

/** Datagrams that an attacker writes who knows two addresses and no key. */
final class Attacks {
    private static long sequence = 1_000;

    private Attacks() {}

    /** A plain record. */
    static byte[] record(int type, int epoch, byte[] body) {
        byte[] record = new byte[RecordFormat.HEADER_BYTES + body.length];
        ByteBuffer buffer = ByteBuffer.wrap(record);
        RecordFormat.writePlainHeader(buffer, 0, type, RecordFormat.DTLS_1_2, nextSequence(), body.length);
        buffer.putShort(3, (short) epoch);
        buffer.position(RecordFormat.HEADER_BYTES);
        buffer.put(body);
        return record;
    }

    private static synchronized long nextSequence() {
        return sequence++;
    }

    /** A record with one fragment of a handshake message. */
    static byte[] fragment(int type, int length, int messageSequence, int at, byte[] bytes) {
        byte[] body = new byte[HandshakeMessage.HEADER_BYTES + bytes.length];
        HandshakeMessage.writeHeader(body, 0, type, length, messageSequence, at, bytes.length);
        System.arraycopy(bytes, 0, body, HandshakeMessage.HEADER_BYTES, bytes.length);
        return record(RecordFormat.HANDSHAKE, 0, body);
    }

    /** Messages of 16 MiB, each announced by one byte. */
    static List<byte[]> hugeMessages() {
        List<byte[]> all = new ArrayList<>();
        for (int message = 0; message < 8; message++) {
            all.add(fragment(11, 0xff_ffff, message, 0, new byte[] {1}));
        }
        return all;
    }

    /** A first fragment with a type or length that the genuine message does not have, for every place. */
    static List<byte[]> poison() {
        List<byte[]> all = new ArrayList<>();
        for (int message = 0; message < 8; message++) {
            for (int type : new int[] {0, 1, 2, 4, 11, 12, 13, 14, 15, 16, 20, 22, 23}) {
                all.add(fragment(type, 5_000, message, 0, new byte[100]));
                all.add(fragment(type, 77, message, 70, new byte[] {1}));
            }
        }
        return all;
    }

    /** One large message in single bytes. */
    static List<byte[]> singleBytes() {
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < 3_000; at += 2) {
            all.add(fragment(11, 30_000, 3, at, new byte[] {1}));
        }
        return all;
    }

    /** Fragments that lie outside of their message, or are longer than their record. */
    static List<byte[]> outOfBounds() {
        byte[] longer = fragment(11, 5_000, 2, 0, new byte[100]);
        longer[RecordFormat.HEADER_BYTES + 11] = (byte) 200;
        return List.of(
                longer,
                fragment(11, 50, 2, 40, new byte[100]),
                fragment(11, 0xff_ffff, 2, 0xff_fff0, new byte[15]),
                fragment(11, 10, 2, 0, new byte[0]));
    }

    /** Every fatal alert, in clear. */
    static List<byte[]> plainAlerts() {
        List<byte[]> all = new ArrayList<>();
        for (int description : new int[] {0, 10, 20, 40, 42, 48, 50, 80, 90}) {
            all.add(record(RecordFormat.ALERT, 0, new byte[] {2, (byte) description}));
            all.add(record(RecordFormat.ALERT, 0, new byte[] {1, (byte) description}));
        }
        return all;
    }

    static List<byte[]> changeCipherSpecs() {
        return List.of(
                record(RecordFormat.CHANGE_CIPHER_SPEC, 0, new byte[] {1}),
                record(RecordFormat.CHANGE_CIPHER_SPEC, 1, new byte[] {1}));
    }

    /** Protected records that are not, among them the one of a single byte. */
    static List<byte[]> forgedProtected() {
        List<byte[]> all = new ArrayList<>();
        for (int type = 20; type <= 26; type++) {
            for (int length : new int[] {0, 1, 24, 40, 1_000}) {
                all.add(record(type, 1, new byte[length]));
                all.add(record(type, 2, new byte[length]));
            }
        }
        return all;
    }

    /** Whatever. */
    static List<byte[]> noise(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > 13 && random.nextBoolean()) {
                bytes[0] = (byte) (20 + random.nextInt(6));
                bytes[1] = (byte) 0xfe;
                bytes[2] = (byte) (random.nextBoolean() ? 0xfd : 0xff);
                bytes[3] = 0;
                bytes[4] = (byte) random.nextInt(3);
                bytes[11] = 0;
                bytes[12] = (byte) (bytes.length - 13);
            }
            all.add(bytes);
        }
        return all;
    }
}
