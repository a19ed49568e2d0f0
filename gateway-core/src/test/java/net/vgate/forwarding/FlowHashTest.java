package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class FlowHashTest {
    /** From CPython 3.11, which hashes bytes by SipHash-1-3, under a key of zero (PYTHONHASHSEED=0). */
    @Test
    void isSipHash13() {
        FlowHash hash = new FlowHash(0, 0);
        assertEquals(0x0ac1_3373_36f4_3ed3L, hash.of(1, 2, 3, 4, 5));
        assertEquals(
                0x95bc_321a_b41d_8206L,
                hash.of(
                        0x0706_0504_0302_0100L,
                        0x0f0e_0d0c_0b0a_0908L,
                        0x1716_1514_1312_1110L,
                        0x1f1e_1d1c_1b1a_1918L,
                        0x2726_2524_2322_2120L));
    }

    @Test
    void dependsOnTheSecret() {
        assertNotEquals(new FlowHash(0, 1).of(1, 2, 3, 4, 5), new FlowHash(0, 0).of(1, 2, 3, 4, 5));
        assertNotEquals(new FlowHash(1, 0).of(1, 2, 3, 4, 5), new FlowHash(0, 0).of(1, 2, 3, 4, 5));
    }
}
