package net.vgate.tunnel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.Closing;
import net.vgate.tunnel.ControlMessage.ClosingReason;
import net.vgate.tunnel.ControlMessage.Demands;
import net.vgate.tunnel.ControlMessage.DemandsAck;
import net.vgate.tunnel.ControlMessage.Draining;
import net.vgate.tunnel.ControlMessage.DrainingAck;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.ControlMessage.Hello;
import net.vgate.tunnel.ControlMessage.HelloAck;
import net.vgate.tunnel.ControlMessage.PathChallenge;
import net.vgate.tunnel.ControlMessage.PathProbe;
import net.vgate.tunnel.ControlMessage.PathProbeAck;
import net.vgate.tunnel.ControlMessage.PathResponse;
import net.vgate.tunnel.ControlMessage.RekeyReason;
import net.vgate.tunnel.ControlMessage.RekeyRequest;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRefusal;
import net.vgate.tunnel.ControlMessage.RelayRequest;
import net.vgate.tunnel.ControlMessage.Switch;
import net.vgate.tunnel.ControlMessage.SwitchAck;
import net.vgate.tunnel.ControlMessage.Unknown;
import org.jspecify.annotations.Nullable;

/**
 * Control messages as bytes: what follows the Geneve header. All fields are in network byte order.
 *
 * <pre>
 * message | format 1 | type 1 | bytes that follow 2 | field | field | ...
 * field   | type 1 | length 1 | value |
 * </pre>
 *
 * Fields come in any order and at most once. An unknown field is skipped; a known one of another length than its own, a
 * missing one that the message needs, and bytes left over make the message malformed; but any bytes may follow the
 * fields of a {@link PathProbe}, to make it as long as it has to be.
 */
public final class ControlCodec {
    /** Longest message that is made or read, in bytes; the padding of a probe not counted. */
    public static final int MAX_BYTES = 512;

    private static final int FORMAT = 1;
    private static final int HEADER_BYTES = 4;

    private static final int HELLO = 1;
    private static final int HELLO_ACK = 2;
    private static final int ECHO_REQUEST = 3;
    private static final int ECHO_REPLY = 4;
    private static final int REKEY_REQUEST = 5;
    private static final int SWITCH = 6;
    private static final int SWITCH_ACK = 7;
    private static final int CLOSING = 8;
    private static final int PATH_PROBE = 9;
    private static final int PATH_PROBE_ACK = 10;
    private static final int PATH_CHALLENGE = 11;
    private static final int PATH_RESPONSE = 12;
    private static final int DRAINING = 13;
    private static final int DRAINING_ACK = 14;
    private static final int DEMANDS = 16;
    private static final int DEMANDS_ACK = 17;
    private static final int RELAY_REQUEST = 18;
    private static final int RELAY_ANSWER = 19;

    /** Of one range of V-nets: its first number in 3 bytes, and how many follow it in 1. */
    private static final int RANGE_BYTES = 4;

    private static final int ANY_LENGTH = -1;

    private enum Field {
        VERSION(1, 2),
        OLDEST_VERSION(2, 2),
        INCARNATION(3, 8),
        PEER_INCARNATION(4, 8),
        GENERATION(5, 4),
        CAPABILITIES(6, 8),
        NUMBER(7, 4),
        STAMP(8, 8),
        REASON(9, 1),
        LANE(10, 1),
        LANES(11, 1),
        SIZE(12, 2),
        FLAG(13, 1),
        CIPHERS(16, 4),
        RUNG(17, 1),
        PART(18, 2),
        PARTS(19, 2),
        VNIS(20, ANY_LENGTH),
        IDENTITY(21, ANY_LENGTH),
        LABEL(22, 4),
        ADDRESS(23, ANY_LENGTH);

        private static final Field[] BY_TYPE = new Field[24];

        static {
            for (Field field : values()) {
                BY_TYPE[field.type] = field;
            }
        }

        final int type;
        final int bytes;

        Field(int type, int bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        static @Nullable Field ofType(int type) {
            return type < BY_TYPE.length ? BY_TYPE[type] : null;
        }
    }

    private ControlCodec() {}

    /** The message's bytes. */
    public static byte[] encode(ControlMessage message) {
        Writer writer = new Writer();
        if (message instanceof Hello hello) {
            writer.hello(HELLO, hello);
        } else if (message instanceof HelloAck ack) {
            writer.hello(HELLO_ACK, ack.hello());
        } else if (message instanceof EchoRequest echo) {
            writer.type(ECHO_REQUEST).put(Field.NUMBER, echo.number()).put(Field.STAMP, echo.stamp());
        } else if (message instanceof EchoReply echo) {
            writer.type(ECHO_REPLY).put(Field.NUMBER, echo.number()).put(Field.STAMP, echo.stamp());
        } else if (message instanceof RekeyRequest rekey) {
            writer.type(REKEY_REQUEST)
                    .put(Field.GENERATION, rekey.generation())
                    .put(Field.REASON, rekey.reason().code());
        } else if (message instanceof Switch over) {
            writer.type(SWITCH).put(Field.GENERATION, over.generation());
        } else if (message instanceof SwitchAck over) {
            writer.type(SWITCH_ACK).put(Field.GENERATION, over.generation());
        } else if (message instanceof Closing closing) {
            writer.type(CLOSING).put(Field.REASON, closing.reason().code());
        } else if (message instanceof PathChallenge challenge) {
            writer.type(PATH_CHALLENGE).put(Field.STAMP, challenge.cookie());
        } else if (message instanceof PathResponse response) {
            writer.type(PATH_RESPONSE).put(Field.STAMP, response.cookie());
        } else if (message instanceof PathProbe probe) {
            writer.type(PATH_PROBE).put(Field.NUMBER, probe.number()).put(Field.SIZE, probe.bytes());
        } else if (message instanceof PathProbeAck ack) {
            writer.type(PATH_PROBE_ACK).put(Field.NUMBER, ack.number());
        } else if (message instanceof Draining draining) {
            writer.type(DRAINING).put(Field.NUMBER, draining.number()).put(Field.FLAG, draining.drains() ? 1 : 0);
        } else if (message instanceof DrainingAck ack) {
            writer.type(DRAINING_ACK).put(Field.NUMBER, ack.number());
        } else if (message instanceof Demands demands) {
            writer.demands(demands);
        } else if (message instanceof DemandsAck ack) {
            writer.type(DEMANDS_ACK).put(Field.GENERATION, ack.generation()).put(Field.PART, ack.part());
        } else if (message instanceof RelayRequest request) {
            writer.type(RELAY_REQUEST).put(Field.NUMBER, request.number());
            writer.put(Field.IDENTITY, request.far().uri().getBytes(StandardCharsets.US_ASCII));
        } else if (message instanceof RelayAnswer answer) {
            writer.relayAnswer(answer);
        } else {
            throw new IllegalArgumentException("nothing to send: " + message);
        }
        return writer.bytes();
    }

    /**
     * The message in {@code bytes}, all of them; {@link Unknown} for a type of a later version; null when malformed.
     */
    public static @Nullable ControlMessage decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_BYTES || in.get() != FORMAT) {
            return null;
        }
        int type = in.get() & 0xff;
        int fieldBytes = in.getShort() & 0xffff;
        int padding = in.remaining() - fieldBytes;
        if (padding < 0 || (padding > 0 && type != PATH_PROBE) || fieldBytes > MAX_BYTES - HEADER_BYTES) {
            return null;
        }
        in.limit(HEADER_BYTES + fieldBytes);
        Fields fields = new Fields();
        return fields.read(in) ? fields.message(type) : null;
    }

    /** Writes one message. */
    private static final class Writer {
        private final ByteBuffer out = ByteBuffer.allocate(MAX_BYTES).put((byte) FORMAT);

        Writer type(int type) {
            out.put((byte) type).putShort((short) 0);
            return this;
        }

        void hello(int type, Hello hello) {
            type(type)
                    .put(Field.VERSION, code(hello.version()))
                    .put(Field.OLDEST_VERSION, code(hello.oldest()))
                    .put(Field.INCARNATION, hello.incarnation())
                    .put(Field.PEER_INCARNATION, hello.peerIncarnation())
                    .put(Field.GENERATION, hello.generation())
                    .put(Field.CAPABILITIES, hello.capabilities())
                    .put(Field.LANE, hello.lane())
                    .put(Field.LANES, hello.lanes());
        }

        void demands(Demands demands) {
            List<VnetDemands.Range> ranges = demands.ranges();
            long demand = ranges.isEmpty() ? 0 : ranges.get(0).demand();
            type(DEMANDS)
                    .put(Field.GENERATION, demands.generation())
                    .put(Field.PART, demands.part())
                    .put(Field.PARTS, demands.parts())
                    .put(Field.CIPHERS, TunnelClass.ciphersOf(demand))
                    .put(Field.RUNG, TunnelClass.rungOf(demand));
            ByteBuffer vnis = ByteBuffer.allocate(ranges.size() * RANGE_BYTES);
            for (VnetDemands.Range range : ranges) {
                vnis.putInt((range.first() << 8) | (range.last() - range.first()));
            }
            put(Field.VNIS, vnis.array());
        }

        void relayAnswer(RelayAnswer answer) {
            type(RELAY_ANSWER)
                    .put(Field.NUMBER, answer.number())
                    .put(Field.REASON, answer.refusal().code())
                    .put(Field.LABEL, answer.label())
                    .put(Field.SIZE, answer.bytes());
            InetSocketAddress seenAt = answer.seenAt();
            if (seenAt != null) {
                byte[] ip = seenAt.getAddress().getAddress();
                put(
                        Field.ADDRESS,
                        ByteBuffer.allocate(ip.length + Short.BYTES)
                                .put(ip)
                                .putShort((short) seenAt.getPort())
                                .array());
            }
        }

        void put(Field field, byte[] value) {
            out.put((byte) field.type).put((byte) value.length).put(value);
        }

        Writer put(Field field, long value) {
            out.put((byte) field.type).put((byte) field.bytes);
            for (int shift = 8 * (field.bytes - 1); shift >= 0; shift -= 8) {
                out.put((byte) (value >>> shift));
            }
            return this;
        }

        byte[] bytes() {
            out.putShort(2, (short) (out.position() - HEADER_BYTES));
            byte[] bytes = new byte[out.position()];
            out.get(0, bytes);
            return bytes;
        }

        private static int code(ProtocolVersion version) {
            return (version.major() << 8) | version.minor();
        }
    }

    /** The known fields of one message. */
    private static final class Fields {
        private final long[] values = new long[Field.BY_TYPE.length];
        private final @Nullable ByteBuffer[] bytes = new ByteBuffer[Field.BY_TYPE.length];
        private int present;

        /** Whether the rest of {@code in} is fields, each known one whole and there once. */
        boolean read(ByteBuffer in) {
            while (in.hasRemaining()) {
                if (in.remaining() < 2) {
                    return false;
                }
                Field field = Field.ofType(in.get() & 0xff);
                int length = in.get() & 0xff;
                if (length > in.remaining()) {
                    return false;
                }
                if (field == null) {
                    in.position(in.position() + length);
                } else if ((length != field.bytes && field.bytes != ANY_LENGTH) || has(field)) {
                    return false;
                } else if (field.bytes == ANY_LENGTH) {
                    present |= 1 << field.type;
                    bytes[field.type] = in.slice(in.position(), length);
                    in.position(in.position() + length);
                } else {
                    present |= 1 << field.type;
                    values[field.type] = number(in, length);
                }
            }
            return true;
        }

        @Nullable
        ControlMessage message(int type) {
            return switch (type) {
                case HELLO -> hello();
                case HELLO_ACK -> helloAck();
                case ECHO_REQUEST -> isEcho() ? new EchoRequest((int) get(Field.NUMBER), get(Field.STAMP)) : null;
                case ECHO_REPLY -> isEcho() ? new EchoReply((int) get(Field.NUMBER), get(Field.STAMP)) : null;
                case REKEY_REQUEST -> rekeyRequest();
                case SWITCH -> hasGeneration() ? new Switch(generation()) : null;
                case SWITCH_ACK -> hasGeneration() ? new SwitchAck(generation()) : null;
                case PATH_CHALLENGE -> has(Field.STAMP) ? new PathChallenge(get(Field.STAMP)) : null;
                case PATH_RESPONSE -> has(Field.STAMP) ? new PathResponse(get(Field.STAMP)) : null;
                case PATH_PROBE ->
                    has(Field.NUMBER) && has(Field.SIZE)
                            ? new PathProbe((int) get(Field.NUMBER), (int) get(Field.SIZE))
                            : null;
                case PATH_PROBE_ACK -> has(Field.NUMBER) ? new PathProbeAck((int) get(Field.NUMBER)) : null;
                case DRAINING ->
                    has(Field.NUMBER) && has(Field.FLAG) && get(Field.FLAG) <= 1
                            ? new Draining((int) get(Field.NUMBER), get(Field.FLAG) == 1)
                            : null;
                case DRAINING_ACK -> has(Field.NUMBER) ? new DrainingAck((int) get(Field.NUMBER)) : null;
                case DEMANDS -> demands();
                case DEMANDS_ACK ->
                    hasGeneration() && has(Field.PART) ? new DemandsAck(generation(), (int) get(Field.PART)) : null;
                case RELAY_REQUEST -> relayRequest();
                case RELAY_ANSWER -> relayAnswer();
                case CLOSING -> has(Field.REASON) ? new Closing(ClosingReason.ofCode(get(Field.REASON))) : null;
                default -> new Unknown(type);
            };
        }

        private @Nullable HelloAck helloAck() {
            Hello hello = hello();
            return hello == null ? null : new HelloAck(hello);
        }

        private @Nullable RekeyRequest rekeyRequest() {
            return hasGeneration() && has(Field.REASON)
                    ? new RekeyRequest(generation(), RekeyReason.ofCode(get(Field.REASON)))
                    : null;
        }

        private @Nullable Demands demands() {
            int part = (int) get(Field.PART);
            int parts = (int) get(Field.PARTS);
            boolean isWhole = hasGeneration() && has(Field.PART) && has(Field.CIPHERS) && has(Field.RUNG);
            ByteBuffer vnis = bytes(Field.VNIS);
            if (!isWhole || parts > Demands.MAX_PARTS || part >= parts || vnis.remaining() % RANGE_BYTES != 0) {
                return null;
            }
            long demand = TunnelClass.demand(get(Field.CIPHERS), get(Field.RUNG));
            List<VnetDemands.Range> ranges = new ArrayList<>();
            for (int at = 0; at < vnis.limit(); at += RANGE_BYTES) {
                int first = vnis.getInt(at) >>> 8;
                ranges.add(new VnetDemands.Range(first, first + (vnis.get(at + 3) & 0xff), demand));
            }
            return new Demands(generation(), part, parts, ranges);
        }

        private @Nullable RelayRequest relayRequest() {
            String uri = StandardCharsets.US_ASCII
                    .decode(bytes(Field.IDENTITY).duplicate())
                    .toString();
            Optional<PeerIdentity> far = PeerIdentity.parse(uri);
            return has(Field.NUMBER) && far.isPresent() ? new RelayRequest((int) get(Field.NUMBER), far.get()) : null;
        }

        private @Nullable RelayAnswer relayAnswer() {
            ByteBuffer address = bytes(Field.ADDRESS);
            boolean isAddress = address.limit() == 4 + Short.BYTES || address.limit() == 16 + Short.BYTES;
            if (!has(Field.NUMBER) || !has(Field.REASON) || (has(Field.ADDRESS) && !isAddress)) {
                return null;
            }
            return new RelayAnswer(
                    (int) get(Field.NUMBER),
                    RelayRefusal.ofCode(get(Field.REASON)),
                    (int) get(Field.LABEL),
                    (int) get(Field.SIZE),
                    isAddress ? socket(address) : null);
        }

        private static InetSocketAddress socket(ByteBuffer field) {
            byte[] ip = new byte[field.limit() - Short.BYTES];
            field.get(0, ip);
            try {
                return new InetSocketAddress(InetAddress.getByAddress(ip), field.getShort(ip.length) & 0xffff);
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException("an address of 4 or 16 bytes was refused", impossible);
            }
        }

        /** Of a field of any length; none when it is not there. */
        private ByteBuffer bytes(Field field) {
            ByteBuffer value = bytes[field.type];
            return value == null ? ByteBuffer.allocate(0) : value;
        }

        private boolean isEcho() {
            return has(Field.NUMBER) && has(Field.STAMP);
        }

        private @Nullable Hello hello() {
            if (!has(Field.VERSION) || !hasGeneration() || get(Field.INCARNATION) == 0) {
                return null;
            }
            ProtocolVersion version = version(get(Field.VERSION));
            ProtocolVersion oldest = has(Field.OLDEST_VERSION) ? version(get(Field.OLDEST_VERSION)) : version;
            int lanes = has(Field.LANES) ? (int) get(Field.LANES) : 1;
            int lane = (int) get(Field.LANE);
            if (version.isBefore(oldest) || lanes < 1 || lanes > ControlMessage.MAX_LANES || lane >= lanes) {
                return null;
            }
            return new Hello(
                    version,
                    oldest,
                    get(Field.INCARNATION),
                    get(Field.PEER_INCARNATION),
                    generation(),
                    get(Field.CAPABILITIES),
                    lane,
                    lanes);
        }

        private boolean hasGeneration() {
            return has(Field.GENERATION)
                    && get(Field.GENERATION) >= 1
                    && get(Field.GENERATION) <= ControlMessage.MAX_GENERATION;
        }

        private int generation() {
            return (int) get(Field.GENERATION);
        }

        private boolean has(Field field) {
            return (present & (1 << field.type)) != 0;
        }

        private long get(Field field) {
            return values[field.type];
        }

        private static ProtocolVersion version(long code) {
            return new ProtocolVersion((int) code >> 8, (int) code & 0xff);
        }

        private static long number(ByteBuffer in, int bytes) {
            long value = 0;
            for (int i = 0; i < bytes; i++) {
                value = (value << 8) | (in.get() & 0xff);
            }
            return value;
        }
    }
}
