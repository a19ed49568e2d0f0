package net.vgate.handshake;

import java.util.Arrays;
import java.util.BitSet;

/** One handshake message that is being put together from fragments. Work and memory are linear in what came. */
final class MessageAssembly {
    /**
     * How many fragments may bring something new: enough for the largest message over a path MTU of 256 bytes. Single
     * tiny fragments are legitimate, OpenSSL fills a datagram up with them; a message made of them is not.
     */
    private static final int MAX_FRAGMENTS = 256;

    private final int type;
    private final int sequence;
    private final int version;
    private final byte[] body;
    private final BitSet present;
    private int fragments;

    MessageAssembly(int type, int sequence, int version, int length) {
        this.type = type;
        this.sequence = sequence;
        this.version = version;
        this.body = new byte[length];
        this.present = new BitSet(length);
    }

    boolean is(int otherType, int otherSequence, int otherVersion, int length) {
        return type == otherType && sequence == otherSequence && version == otherVersion && body.length == length;
    }

    /**
     * Takes a fragment that lies within the message; bytes that are there already stand. False if it was one too many.
     */
    boolean add(byte[] bytes, int at, int fragmentOffset, int fragmentLength) {
        int end = fragmentOffset + fragmentLength;
        int missing = present.nextClearBit(fragmentOffset);
        if (missing < end && ++fragments > MAX_FRAGMENTS) {
            return false;
        }
        while (missing < end) {
            int there = present.nextSetBit(missing);
            int upTo = there < 0 ? end : Math.min(there, end);
            System.arraycopy(bytes, at + missing - fragmentOffset, body, missing, upTo - missing);
            present.set(missing, upTo);
            missing = present.nextClearBit(upTo);
        }
        return true;
    }

    boolean isComplete() {
        return present.cardinality() == body.length;
    }

    int type() {
        return type;
    }

    int sequence() {
        return sequence;
    }

    /** The record version that its fragments came with. */
    int version() {
        return version;
    }

    /** The body; not to be changed once complete. */
    byte[] body() {
        return body;
    }

    /** Whether a fragment says again what is here. */
    boolean repeats(byte[] bytes, int at, int fragmentOffset, int fragmentLength) {
        return fragmentOffset + fragmentLength <= body.length
                && Arrays.equals(body, fragmentOffset, fragmentOffset + fragmentLength, bytes, at, at + fragmentLength);
    }
}
