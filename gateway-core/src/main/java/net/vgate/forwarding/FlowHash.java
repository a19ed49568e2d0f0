package net.vgate.forwarding;

import java.security.SecureRandom;

/**
 * SipHash-1-3 of a flow's key, so that who does not know the secret cannot choose flows that fall into one bucket
 * (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). One secret per process.
 */
public final class FlowHash {
    private static final FlowHash OF_PROCESS = ofRandom(new SecureRandom());

    private final long key0;
    private final long key1;

    public FlowHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /** The one that the process's tables use. */
    public static FlowHash ofProcess() {
        return OF_PROCESS;
    }

    private static FlowHash ofRandom(SecureRandom random) {
        return new FlowHash(random.nextLong(), random.nextLong());
    }

    /** The hash of five words, as SipHash has it of their 40 little-endian bytes. */
    long of(long a, long b, long c, long d, long e) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        for (int i = 0; i < 9; i++) {
            long word = switch (i) {
                case 0 -> a;
                case 1 -> b;
                case 2 -> c;
                case 3 -> d;
                case 4 -> e;
                case 5 -> 40L << 56;
                default -> 0;
            };
            if (i == 6) {
                v2 ^= 0xff;
            }
            v3 ^= word;
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
