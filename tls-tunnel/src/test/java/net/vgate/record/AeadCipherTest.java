package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AeadCipherTest {
    private static final byte[] KEY = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    private static final byte[] NONCE = hex("070000004041424344454647");
    private static final byte[] AAD = hex("50515253c0c1c2c3c4c5c6c7");
    private static final byte[] TEXT =
            ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
                            + " future, sunscreen would be it.")
                    .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SEALED = hex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
            + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            + "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");

    private final byte[] out = new byte[TEXT.length + AeadBatch.TAG_BYTES];

    @Test
    void rfc8439Section2Point8Point2Seals() {
        AeadCipher cipher = new AeadCipher(AeadAlgorithm.CHACHA20_POLY1305, KEY);
        cipher.seal(NONCE, AAD, AAD.length, TEXT, 0, TEXT.length, out, 0);
        assertArrayEquals(SEALED, out);
    }

    @Test
    void rfc8439Section2Point8Point2Opens() {
        AeadCipher cipher = new AeadCipher(AeadAlgorithm.CHACHA20_POLY1305, KEY);
        assertTrue(cipher.open(NONCE, AAD, AAD.length, SEALED, 0, SEALED.length, out, 0));
        assertArrayEquals(TEXT, Arrays.copyOf(out, TEXT.length));
    }

    /** Of what comes twice in one batch, both are opened; whoever sends it must not be able to end the worker. */
    @ParameterizedTest
    @EnumSource
    void opensTheSameNonceTwiceInARowAuthenticOrNot(AeadAlgorithm algorithm) {
        AeadCipher cipher = new AeadCipher(algorithm, Arrays.copyOf(KEY, algorithm.keyBytes()));
        cipher.seal(NONCE, AAD, AAD.length, TEXT, 0, TEXT.length, out, 0);
        byte[] sealed = out.clone();
        byte[] forged = out.clone();
        forged[0]++;
        for (int time = 0; time < 3; time++) {
            assertTrue(cipher.open(NONCE, AAD, AAD.length, sealed, 0, sealed.length, out, 0));
            assertFalse(cipher.open(NONCE, AAD, AAD.length, forged, 0, forged.length, out, 0));
            assertFalse(cipher.open(NONCE, AAD, AAD.length, forged, 0, forged.length, out, 0));
        }
        assertEquals("070000004041424344454647", HexFormat.of().formatHex(NONCE));
    }

    @ParameterizedTest
    @EnumSource
    void sealsInPlace(AeadAlgorithm algorithm) {
        AeadCipher cipher = new AeadCipher(algorithm, Arrays.copyOf(KEY, algorithm.keyBytes()));
        cipher.seal(NONCE, AAD, AAD.length, TEXT, 0, TEXT.length, out, 0);
        byte[] place = Arrays.copyOf(TEXT, out.length);
        new AeadCipher(algorithm, Arrays.copyOf(KEY, algorithm.keyBytes()))
                .seal(NONCE, AAD, AAD.length, place, 0, TEXT.length, place, 0);
        assertArrayEquals(out, place);
    }

    @ParameterizedTest
    @EnumSource
    void doesNothingWithADestroyedKey(AeadAlgorithm algorithm) {
        AeadCipher cipher = new AeadCipher(algorithm, Arrays.copyOf(KEY, algorithm.keyBytes()));
        cipher.destroy();
        assertThrows(
                IllegalStateException.class, () -> cipher.seal(NONCE, AAD, AAD.length, TEXT, 0, TEXT.length, out, 0));
        assertEquals("AeadCipher", cipher.toString());
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
