package net.vgate.handshake;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.vgate.record.RecordFormat;
import net.vgate.record.Role;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of Bouncy Castle during one handshake, and lets through only what a sound peer would send in time and
 * order. Anybody can write the peer's address on a datagram, and before the keys are there nothing is authenticated; so
 * messages are put together here, under bounds, with several candidates for one place where fragments disagree in type
 * or length; alerts are noted rather than believed; and the change of cipher spec is made here, when a protected record
 * comes and nothing else is missing, rather than taken from outside.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class RecordFilter {
    /** Records that are handed on are smaller than this. */
    static final int MAX_OUTPUT_BYTES = 4_096;

    private static final int MAX_OUTPUT_FRAGMENT_BYTES = 2_048;
    private static final int MAX_AHEAD = 8;
    private static final int MAX_CANDIDATES = 24;
    private static final int MAX_EARLY_RECORDS = 4;
    private static final int MAX_REPEATED_FRAGMENTS = 512;
    private static final int MAX_COOKIES = 5;

    /** How many records may wait for Bouncy Castle before more is taken that it could do without. */
    private static final int MAX_WAITING = 64;

    private final long localCid;
    private final MessageOrder order;
    private final List<MessageAssembly> candidates = new ArrayList<>();
    private final Map<Integer, MessageAssembly> delivered = new HashMap<>();
    private final ArrayDeque<byte[]> output = new ArrayDeque<>();
    private final ArrayDeque<byte[]> early = new ArrayDeque<>();

    private int next;
    private long outputSequence;
    private int repeatedFragments;
    private int cookies;
    private boolean cipherChanged;
    private int steps;
    private int refused;
    private byte @Nullable [] alert;

    private RecordFilter(Role role, long localCid) {
        this.localCid = localCid;
        this.order = new MessageOrder(role);
    }

    /** For a handshake that we begin. */
    static RecordFilter client(long localCid) {
        return new RecordFilter(Role.CLIENT, localCid);
    }

    /** For one that the peer began with {@code clientHello}: the record that had the cookie. */
    static RecordFilter server(long localCid, byte[] clientHello) {
        RecordFilter filter = new RecordFilter(Role.SERVER, localCid);
        ByteBuffer record = ByteBuffer.wrap(clientHello);
        int at = RecordFormat.HEADER_BYTES;
        int sequence = HandshakeMessage.sequence(clientHello, at);
        MessageAssembly hello = new MessageAssembly(
                HandshakeType.client_hello,
                sequence,
                RecordFormat.version(record, 0),
                HandshakeMessage.length(clientHello, at));
        hello.add(clientHello, at + HandshakeMessage.HEADER_BYTES, 0, hello.body().length);
        filter.delivered.put(sequence, hello);
        filter.next = sequence + 1;
        filter.outputSequence = RecordFormat.sequence(record, 0) + 1;
        return filter;
    }

    /** From now on the order of messages is that of a pre-shared key. */
    void expectNoCertificates() {
        order.expectNoCertificates();
        deliverWhatIsNext();
    }

    /** Takes a datagram. False when nothing in it was let through. */
    boolean accept(byte[] datagram) {
        int refusedBefore = refused;
        int records = 0;
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        int at = 0;
        while (datagram.length - at >= RecordFormat.HEADER_BYTES) {
            int cidBytes =
                    RecordFormat.contentType(buffer, at) == RecordFormat.TLS12_CID ? RecordFormat.LOCAL_CID_BYTES : 0;
            int headerBytes = RecordFormat.HEADER_BYTES + cidBytes;
            if (datagram.length - at < headerBytes) {
                break;
            }
            int length = RecordFormat.length(buffer, at, cidBytes);
            if (length > datagram.length - at - headerBytes) {
                break;
            }
            if (!acceptRecord(datagram, at, headerBytes, length)) {
                refused++;
            }
            at += headerBytes + length;
            records++;
        }
        if (at != datagram.length) {
            refused++;
        }
        return refused - refusedBefore < records;
    }

    /** The next record for Bouncy Castle, or null. */
    byte @Nullable [] poll() {
        return output.poll();
    }

    /** How many of the peer's messages have gone through: a handshake that moves has ever more. */
    int steps() {
        return steps;
    }

    /** How many records or fragments were not let through. */
    int refused() {
        return refused;
    }

    /** Level and description of the last fatal alert that somebody sent in clear since the last step, or null. */
    byte @Nullable [] alert() {
        return alert;
    }

    private boolean acceptRecord(byte[] datagram, int at, int headerBytes, int length) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        int version = RecordFormat.version(buffer, at);
        if (version != RecordFormat.DTLS_1_2 && version != RecordFormat.DTLS_1_0) {
            return false;
        }
        return switch (RecordFormat.epoch(buffer, at)) {
            case 0 -> acceptPlain(datagram, at, version, length);
            case RecordFormat.PROTECTED_EPOCH ->
                version == RecordFormat.DTLS_1_2 && acceptProtected(datagram, at, headerBytes, length);
            default -> false;
        };
    }

    private boolean acceptPlain(byte[] datagram, int at, int version, int length) {
        int bodyAt = at + RecordFormat.HEADER_BYTES;
        return switch (RecordFormat.contentType(ByteBuffer.wrap(datagram), at)) {
            case RecordFormat.HANDSHAKE -> acceptMessages(datagram, bodyAt, bodyAt + length, version);
            case RecordFormat.ALERT -> noteAlert(datagram, bodyAt, length);
            // What it says follows from a protected record as well.
            case RecordFormat.CHANGE_CIPHER_SPEC -> length == 1;
            default -> false;
        };
    }

    private boolean noteAlert(byte[] datagram, int at, int length) {
        if (length == 2 && datagram[at] == AlertLevel.fatal) {
            alert = Arrays.copyOfRange(datagram, at, at + 2);
        }
        return length == 2;
    }

    private boolean acceptProtected(byte[] datagram, int at, int headerBytes, int length) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        int type = RecordFormat.contentType(buffer, at);
        boolean fits = type == RecordFormat.TLS12_CID
                ? RecordFormat.localCid(buffer, at) == localCid
                : type == RecordFormat.HANDSHAKE || type == RecordFormat.ALERT;
        int least = RecordFormat.leastOverheadBytes(headerBytes - RecordFormat.HEADER_BYTES);
        int total = headerBytes + length;
        if (!fits || total < least || total > MAX_OUTPUT_BYTES) {
            return false;
        }
        byte[] record = Arrays.copyOfRange(datagram, at, at + total);
        if (order.isFinishedNext()) {
            changeCipher();
            return output.size() < MAX_WAITING && output.add(record);
        }
        // Finished may overtake what was sent before it; of forged ones in its place the latest are kept.
        if (early.size() == MAX_EARLY_RECORDS) {
            early.removeFirst();
        }
        early.addLast(record);
        return true;
    }

    private boolean acceptMessages(byte[] bytes, int from, int end, int version) {
        int at = from;
        boolean all = true;
        while (end - at >= HandshakeMessage.HEADER_BYTES) {
            int fragmentLength = HandshakeMessage.fragmentLength(bytes, at);
            if (fragmentLength > end - at - HandshakeMessage.HEADER_BYTES) {
                return false;
            }
            all &= acceptFragment(bytes, at, version);
            at += HandshakeMessage.HEADER_BYTES + fragmentLength;
        }
        return all && at == end;
    }

    private boolean acceptFragment(byte[] bytes, int at, int version) {
        int type = HandshakeMessage.type(bytes, at);
        int length = HandshakeMessage.length(bytes, at);
        int offset = HandshakeMessage.fragmentOffset(bytes, at);
        int fragmentLength = HandshakeMessage.fragmentLength(bytes, at);
        int sequence = HandshakeMessage.sequence(bytes, at);
        if (length > HandshakeMessage.maxBodyBytes(type)
                || offset + fragmentLength > length
                || (fragmentLength == 0 && length != 0)) {
            return false;
        }
        if (sequence < next) {
            return acceptRepeated(bytes, at, sequence);
        }
        if (sequence >= next + MAX_AHEAD || !order.isPossible(type)) {
            return false;
        }
        MessageAssembly message = candidate(type, sequence, version, length);
        if (message == null || !message.add(bytes, at + HandshakeMessage.HEADER_BYTES, offset, fragmentLength)) {
            return false;
        }
        deliverWhatIsNext();
        return true;
    }

    private @Nullable MessageAssembly candidate(int type, int sequence, int version, int length) {
        for (MessageAssembly message : candidates) {
            if (message.is(type, sequence, version, length)) {
                return message;
            }
        }
        if (candidates.size() == MAX_CANDIDATES) {
            // The oldest was waited for the longest.
            candidates.remove(0);
        }
        MessageAssembly message = new MessageAssembly(type, sequence, version, length);
        candidates.add(message);
        return message;
    }

    private void deliverWhatIsNext() {
        MessageAssembly message = complete();
        while (message != null) {
            int sequence = next++;
            candidates.removeIf(other -> other.sequence() == sequence);
            deliver(message, message.sequence());
            message = complete();
        }
        if (order.isFinishedNext() && !early.isEmpty()) {
            changeCipher();
            output.addAll(early);
            early.clear();
        }
    }

    private @Nullable MessageAssembly complete() {
        for (MessageAssembly message : candidates) {
            if (message.sequence() == next && message.isComplete() && order.isNext(message.type())) {
                return message;
            }
        }
        return null;
    }

    private void deliver(MessageAssembly message, int sequence) {
        order.advance(message.type());
        if (message.type() == HandshakeType.hello_verify_request) {
            // A server that asks for a cookie has said nothing more yet: what is here is from an earlier handshake, or
            // forged.
            candidates.clear();
            early.clear();
        }
        delivered.put(message.sequence(), message);
        steps++;
        alert = null;
        int at = 0;
        do {
            int length = Math.min(MAX_OUTPUT_FRAGMENT_BYTES, message.body().length - at);
            emit(message, sequence, at, length);
            at += length;
        } while (at < message.body().length);
    }

    /** A peer that repeats its flight lacks ours: Bouncy Castle is to see that, if it is really the same flight. */
    private boolean acceptRepeated(byte[] bytes, int at, int sequence) {
        MessageAssembly message = delivered.get(sequence);
        int type = HandshakeMessage.type(bytes, at);
        int offset = HandshakeMessage.fragmentOffset(bytes, at);
        int length = HandshakeMessage.fragmentLength(bytes, at);
        int bodyAt = at + HandshakeMessage.HEADER_BYTES;
        if (message == null || message.type() != type) {
            return false;
        }
        boolean same = message.body().length == HandshakeMessage.length(bytes, at)
                && message.repeats(bytes, bodyAt, offset, length);
        if (type == HandshakeType.hello_verify_request) {
            return same || acceptAnotherCookie(bytes, at);
        }
        if (!same
                || length > MAX_OUTPUT_FRAGMENT_BYTES
                || output.size() >= MAX_WAITING
                || repeatedFragments == MAX_REPEATED_FRAGMENTS) {
            return false;
        }
        repeatedFragments++;
        emit(message, sequence, offset, length);
        return true;
    }

    /**
     * Of two requests with different cookies one may be forged, so both are tried. Bouncy Castle takes the second if it
     * has the number of the message that it waits for.
     */
    private boolean acceptAnotherCookie(byte[] bytes, int at) {
        int length = HandshakeMessage.length(bytes, at);
        if (!order.isAwaitingServerHello()
                || HandshakeMessage.fragmentLength(bytes, at) != length
                || ++cookies > MAX_COOKIES) {
            return false;
        }
        MessageAssembly request = new MessageAssembly(
                HandshakeType.hello_verify_request,
                HandshakeMessage.sequence(bytes, at),
                RecordFormat.DTLS_1_0,
                length);
        request.add(bytes, at + HandshakeMessage.HEADER_BYTES, 0, length);
        deliver(request, next);
        return true;
    }

    private void changeCipher() {
        if (!cipherChanged) {
            cipherChanged = true;
            output.add(record(RecordFormat.CHANGE_CIPHER_SPEC, RecordFormat.DTLS_1_2, new byte[] {1}));
        }
    }

    private void emit(MessageAssembly message, int sequence, int fragmentAt, int fragmentBytes) {
        byte[] body = new byte[HandshakeMessage.HEADER_BYTES + fragmentBytes];
        HandshakeMessage.writeHeader(
                body, 0, message.type(), message.body().length, sequence, fragmentAt, fragmentBytes);
        System.arraycopy(message.body(), fragmentAt, body, HandshakeMessage.HEADER_BYTES, fragmentBytes);
        output.add(record(RecordFormat.HANDSHAKE, message.version(), body));
    }

    private byte[] record(int type, int version, byte[] body) {
        byte[] record = new byte[RecordFormat.HEADER_BYTES + body.length];
        RecordFormat.writePlainHeader(ByteBuffer.wrap(record), 0, type, version, outputSequence++, body.length);
        System.arraycopy(body, 0, record, RecordFormat.HEADER_BYTES, body.length);
        return record;
    }
}
