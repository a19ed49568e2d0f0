package net.vgate.forwarding;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which of several gateways a flow goes to, by highest random weight (Thaler and Ravishankar, "Using Name-Based
 * Mappings to Increase Hit Rates", 1998; weighted as in draft-ietf-bess-weighted-hrw): every gateway gets as many flows
 * as its weight says, and when one goes, only its own flows move.
 *
 * <p>The key is the same for both directions of a flow and at both sites, since it is made of what is on the wire:
 * translated addresses, ports, V-net. So whoever at a site asks which gateway of the other site has a flow gets one
 * answer. All versions of vgate have to compute the same.
 */
public final class RendezvousHash {
    /** SipHash's key is public here: the two sites have no secret in common that all their gateways know. */
    private static final FlowHash HASH = new FlowHash(0, 0);

    /** 2^-53. */
    private static final double UNIT = 0x1p-53;

    private RendezvousHash() {}

    /**
     * The key of a flow; the two ends may be given in either order.
     *
     * @param vni 24 bits
     * @param protocol 8 bits; 0, with ports 0, for a fragment, of which only the first has ports
     */
    public static long flow(
            int vni, int protocol, long oneHi, long oneLo, int onePort, long otherHi, long otherLo, int otherPort) {
        long word = (long) vni << 40 | (long) protocol << 32;
        return isFirst(oneHi, oneLo, onePort, otherHi, otherLo, otherPort)
                ? HASH.of(oneHi, oneLo, otherHi, otherLo, word | (long) onePort << 16 | otherPort)
                : HASH.of(otherHi, otherLo, oneHi, oneLo, word | (long) otherPort << 16 | onePort);
    }

    private static boolean isFirst(long oneHi, long oneLo, int onePort, long otherHi, long otherLo, int otherPort) {
        if (oneHi != otherHi) {
            return Long.compareUnsigned(oneHi, otherHi) < 0;
        }
        return oneLo == otherLo ? onePort <= otherPort : Long.compareUnsigned(oneLo, otherLo) < 0;
    }

    /** What stands for a gateway: the first eight bytes of its name's SHA-256, big-endian. */
    static long gateway(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** How much a gateway wants a flow; the one that wants it most has it. Positive. */
    static double score(long flow, long gateway, int weight) {
        double random = ((mix(flow ^ gateway) >>> 11) + 0.5) * UNIT;
        return weight / -Math.log(random);
    }

    /** Every bit of the result depends on every one of {@code value} (Stafford's variant 13 of MurmurHash3's end). */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
