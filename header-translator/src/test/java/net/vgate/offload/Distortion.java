package net.vgate.offload;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.vgate.packet.Wire;

/** What may make a packet another one than the next of its flow. */
enum Distortion {
    TTL,
    TRAFFIC_CLASS,
    FLOW_LABEL,
    DONT_FRAGMENT,
    RESERVED_BIT,
    IDENTIFICATION,
    WRONG_HEADER_CHECKSUM,
    IPV4_OPTIONS,
    EXTENSION_HEADER,
    FRAGMENT,
    PORT,
    ADDRESS,
    SWAPPED_PORTS,
    SWAPPED_WORDS,
    SEQUENCE,
    ACKNOWLEDGMENT,
    FIN,
    SYN,
    RST,
    PSH,
    URG,
    ECE,
    CWR,
    NO_ACK,
    RESERVED_TCP_BITS,
    WINDOW,
    URGENT_POINTER,
    OPTIONS,
    WRONG_CHECKSUM,
    NO_CHECKSUM,
    ZERO,
    OTHER_ZERO,
    EMPTY,
    SHORTER,
    LONGER,
    SHORTER_DATAGRAM,
    SHORTER_PACKET,
    TRAILING_BYTES,
    CUT_OFF;

    private static final Distortion[] ALL = values();

    static Distortion any(SplittableRandom random) {
        return ALL[random.nextInt(ALL.length)];
    }

    /** The distorted packet; the same when it has nothing of that kind. */
    byte[] apply(byte[] packet, boolean isPartial, SplittableRandom random) {
        byte[] changed = changed(packet.clone(), random);
        return switch (this) {
            case WRONG_HEADER_CHECKSUM, WRONG_CHECKSUM, NO_CHECKSUM, SHORTER_DATAGRAM, TRAILING_BYTES, CUT_OFF ->
                changed;
            case ZERO -> withZero(NaiveSegmentation.finished(changed, isPartial), isPartial, false);
            case OTHER_ZERO -> withZero(NaiveSegmentation.finished(changed, isPartial), isPartial, true);
            case FRAGMENT -> fragment(NaiveSegmentation.finished(changed, isPartial), random);
            case SHORTER_PACKET -> lessened(NaiveSegmentation.finished(changed, isPartial));
            default -> NaiveSegmentation.finished(changed, isPartial);
        };
    }

    private byte[] changed(byte[] packet, SplittableRandom random) {
        boolean isIpv4 = NaiveSegmentation.isIpv4(packet);
        boolean isTcp = NaiveSegmentation.isTcp(packet);
        int at = NaiveSegmentation.transport(packet);
        int payload = NaiveSegmentation.payload(packet);
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        switch (this) {
            case TTL -> packet[isIpv4 ? 8 : 7]++;
            case TRAFFIC_CLASS -> packet[1] ^= (byte) (isIpv4 ? 0x02 : 0x10);
            case FLOW_LABEL -> packet[3] ^= (byte) (isIpv4 ? 0 : 1);
            case DONT_FRAGMENT -> packet[6] ^= (byte) (isIpv4 ? 0x40 : 0);
            case RESERVED_BIT -> packet[6] ^= (byte) (isIpv4 ? 0x80 : 0);
            case IDENTIFICATION -> {
                if (isIpv4) {
                    int[] steps = {-1, 1, 2, 0x8000, -buffer.getShort(4)};
                    buffer.putShort(4, (short) (buffer.getShort(4) + steps[random.nextInt(steps.length)]));
                }
            }
            case WRONG_HEADER_CHECKSUM -> packet[10] ^= (byte) (isIpv4 ? 1 << random.nextInt(8) : 0);
            case PORT -> packet[at + 1 + 2 * random.nextInt(2)] ^= 1;
            case ADDRESS -> packet[random.nextBoolean() ? at - 1 : at - (isIpv4 ? 5 : 17)] ^= 1;
            case SWAPPED_PORTS -> buffer.putInt(at, Integer.rotateLeft(buffer.getInt(at), 16));
            // The sum stays what it was: of IPv4's source, of IPv6's destination.
            case SWAPPED_WORDS -> {
                int address = isIpv4 ? 12 : 36;
                buffer.putInt(address, Integer.rotateLeft(buffer.getInt(address), 16));
            }
            case WRONG_CHECKSUM -> packet[at + (isTcp ? 16 : 6)] ^= (byte) (1 << random.nextInt(8));
            case NO_CHECKSUM -> buffer.putShort(at + 6, isTcp ? buffer.getShort(at + 6) : 0);
            case SHORTER_DATAGRAM -> buffer.putShort(at + 4, isTcp ? buffer.getShort(at + 4) : 8);
            default -> {
                if (isTcp) {
                    changeTcp(buffer, at, payload, random);
                }
            }
        }
        return resized(packet, payload, random);
    }

    private void changeTcp(ByteBuffer buffer, int at, int payload, SplittableRandom random) {
        int flags = buffer.get(at + 13);
        switch (this) {
            case SEQUENCE -> {
                int[] steps = {-1, 1, 1_448, -1_448, 1 << 16, 1 << 31};
                buffer.putInt(at + 4, buffer.getInt(at + 4) + steps[random.nextInt(steps.length)]);
            }
            case ACKNOWLEDGMENT -> buffer.putInt(at + 8, buffer.getInt(at + 8) + (1 << (8 * random.nextInt(4))));
            case FIN -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.FIN));
            case SYN -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.SYN));
            case RST -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.RST));
            case PSH -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.PSH));
            case URG -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.URG));
            case ECE -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.ECE));
            case CWR -> buffer.put(at + 13, (byte) (flags ^ NaiveSegmentation.CWR));
            case NO_ACK -> buffer.put(at + 13, (byte) (flags & ~NaiveSegmentation.ACK));
            case RESERVED_TCP_BITS -> buffer.put(at + 12, (byte) (buffer.get(at + 12) ^ 1 << random.nextInt(4)));
            case WINDOW -> buffer.putShort(at + 14, (short) (buffer.getShort(at + 14) + 1));
            case URGENT_POINTER -> buffer.putShort(at + 18, (short) 1);
            case OPTIONS -> {
                if (payload > at + 20) {
                    int option = at + 20 + random.nextInt(payload - at - 20);
                    buffer.put(option, (byte) (buffer.get(option) ^ 1));
                }
            }
            default -> {}
        }
    }

    private byte[] resized(byte[] packet, int payload, SplittableRandom random) {
        boolean isIpv4 = NaiveSegmentation.isIpv4(packet);
        return switch (this) {
            case EMPTY -> Arrays.copyOf(packet, payload);
            case SHORTER -> Arrays.copyOf(packet, Math.max(payload, packet.length - 1));
            case LONGER -> Arrays.copyOf(packet, packet.length + 1);
            case TRAILING_BYTES -> Arrays.copyOf(packet, packet.length + 1 + random.nextInt(8));
            case CUT_OFF -> Arrays.copyOf(packet, random.nextInt(packet.length));
            case IPV4_OPTIONS -> isIpv4 ? withIpv4Options(packet) : packet;
            case EXTENSION_HEADER -> isIpv4 ? packet : withDestinationOptions(packet);
            default -> packet;
        };
    }

    private static byte[] withIpv4Options(byte[] packet) {
        byte[] longer =
                Wire.bytes(Arrays.copyOf(packet, 20), 1, 1, 1, 0, Arrays.copyOfRange(packet, 20, packet.length));
        longer[0] = 0x46;
        return longer;
    }

    private static byte[] withDestinationOptions(byte[] packet) {
        byte[] longer = Wire.bytes(
                Arrays.copyOf(packet, 40),
                packet[6] & 0xff,
                0,
                1,
                4,
                0,
                0,
                0,
                0,
                Arrays.copyOfRange(packet, 40, packet.length));
        longer[6] = 60;
        return longer;
    }

    /** A first or a later fragment, without regard for what is in it. */
    private static byte[] fragment(byte[] packet, SplittableRandom random) {
        if (!NaiveSegmentation.isIpv4(packet)) {
            return packet;
        }
        int bytes = 20 + (packet.length - 20) / 8 * 8;
        ByteBuffer fragment = ByteBuffer.wrap(Arrays.copyOf(packet, bytes));
        fragment.putShort(2, (short) bytes).putShort(6, (short) (random.nextBoolean() ? 0x2000 : 0x2010));
        fragment.putShort(10, (short) 0);
        return fragment.putShort(10, (short) ~Wire.naiveSum(Arrays.copyOf(fragment.array(), 20)))
                .array();
    }

    /** Says that it ends before it does; its transport checksum is right for all of it. */
    private static byte[] lessened(byte[] packet) {
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        int length = NaiveSegmentation.isIpv4(packet) ? 2 : 4;
        buffer.putShort(length, (short) (buffer.getShort(length) - 1));
        if (length == 2) {
            buffer.putShort(10, (short) 0);
            buffer.putShort(10, (short) ~Wire.naiveSum(Arrays.copyOf(packet, NaiveSegmentation.transport(packet))));
        }
        return packet;
    }

    /** Its payload such that the transport checksum is a zero: the one of the two that a sum gives, or the other. */
    private static byte[] withZero(byte[] packet, boolean isPartial, boolean isOther) {
        int payload = NaiveSegmentation.payload(packet);
        if (isPartial || packet.length < payload + 2) {
            return packet;
        }
        int field = NaiveSegmentation.transport(packet) + (NaiveSegmentation.isTcp(packet) ? 16 : 6);
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        int rest = (buffer.getShort(payload) & 0xffff) + (buffer.getShort(field) & 0xffff);
        buffer.putShort(payload, (short) (rest > 0xffff ? rest - 0xffff : rest));
        ByteBuffer zero = ByteBuffer.wrap(NaiveSegmentation.finished(packet, false));
        return isOther ? zero.putShort(field, (short) ~zero.getShort(field)).array() : zero.array();
    }
}
