package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records on the wire, byte for byte. They were computed from RFC 5288, RFC 6347, RFC 7905 and RFC 9146 by a program
 * that shares nothing with this one (Python, with the ciphers of OpenSSL): the fifth record after the first that a
 * client seals, with a key block of bytes 7 i + 1.
 */
@ParameterizedClass
@EnumSource(TestAead.class)
class RecordVectorsTest {
    private static final int[] SLOT = {0};

    private final Aead aead;
    private final RecordProtector protector = new RecordProtector(1, (association, type, content) -> true, () -> 0, 0);

    RecordVectorsTest(TestAead provider) {
        this.aead = provider.aead();
    }

    @ParameterizedTest
    @CsvSource(emptyValue = "", textBlock = """
            AES_128_GCM, '', '', 17fefd00010000000000050018000100000000000555f8a40815d8ec3dc806bf819876a0eb
            AES_128_GCM, '', joins virtual networks, 17fefd0001000000000005002e0001000000000005a4bbf1f48cbdae5826ed34020658542abe97a4f1e9a5514f1e634032168fa1252b8692c8c12d
            AES_128_GCM, a1a2a3a4a5a6a7a8, '', 19fefd0001000000000005a1a2a3a4a5a6a7a800190001000000000005d9a3b0bdfdaa40872afe5210ccca1fee75
            AES_128_GCM, a1a2a3a4a5a6a7a8, joins virtual networks, 19fefd0001000000000005a1a2a3a4a5a6a7a8002f0001000000000005a4bbf1f48cbdae5826ed34020658542abe97a4f1e9a59189bcdbea44e9de7a96ca5f272354991f
            AES_256_GCM, '', '', 17fefd000100000000000500180001000000000005f62cf2cdb46ff87dc1da52885f9f6232
            AES_256_GCM, '', joins virtual networks, 17fefd0001000000000005002e0001000000000005d429b84292944c82f44e0a2db131e3597144cd22cd3a590cd9a077e81d53f4a6ca7681347c6d
            AES_256_GCM, a1a2a3a4a5a6a7a8, '', 19fefd0001000000000005a1a2a3a4a5a6a7a800190001000000000005a90bcfcd89abbcf012fcbf00b49ff6f302
            AES_256_GCM, a1a2a3a4a5a6a7a8, joins virtual networks, 19fefd0001000000000005a1a2a3a4a5a6a7a8002f0001000000000005d429b84292944c82f44e0a2db131e3597144cd22cd3ac4605647af6f70b3f7ed1a2773754db725
            CHACHA20_POLY1305, '', '', 17fefd00010000000000050010d3dd760c4dad7f8241e4614823d6aaab
            CHACHA20_POLY1305, '', joins virtual networks, 17fefd0001000000000005002676c15019bd0de8e6c4f049d5a5e689df15bb0185594636ffe2793f474aed234dd235c82136aa
            CHACHA20_POLY1305, a1a2a3a4a5a6a7a8, '', 19fefd0001000000000005a1a2a3a4a5a6a7a800110bcbc5a7bfefadbd4b63e838ac3670f72b
            CHACHA20_POLY1305, a1a2a3a4a5a6a7a8, joins virtual networks, 19fefd0001000000000005a1a2a3a4a5a6a7a8002776c15019bd0de8e6c4f049d5a5e689df15bb0185594645e7437d54e764eb7193a25523e985ecdb
            """)
    void isWhatIsOnTheWire(AeadAlgorithm algorithm, String cid, String payload, String record) {
        AssociationPair pair = pair(algorithm, cid);
        byte[] plaintext = payload.getBytes(StandardCharsets.US_ASCII);
        assertEquals(0, pair.client().sequence().reserve(5, 0));
        PacketBatch batch = new PacketBatch(1);
        batch.addCopy(plaintext);

        protector.seal(batch, SLOT, 1, pair.client());
        assertEquals(record, HexFormat.of().formatHex(batch.copyOut(0)));
        protector.open(batch, SLOT, 1, pair.server());
        assertNull(batch.dropReason(0));
        assertArrayEquals(plaintext, batch.copyOut(0));
    }

    private AssociationPair pair(AeadAlgorithm algorithm, String cid) {
        byte[] keyBlock = new byte[RecordKeys.keyBlockBytes(algorithm)];
        for (int i = 0; i < keyBlock.length; i++) {
            keyBlock[i] = (byte) (7 * i + 1);
        }
        if (cid.isEmpty()) {
            return AssociationPair.of(aead, algorithm, keyBlock, ConnectionIds.without(1), ConnectionIds.without(2));
        }
        long serverId = Long.parseUnsignedLong(cid, 16);
        return AssociationPair.of(
                aead,
                algorithm,
                keyBlock,
                ConnectionIds.negotiated(1, AssociationPair.cid(serverId)),
                ConnectionIds.negotiated(serverId, AssociationPair.cid(1)));
    }
}
