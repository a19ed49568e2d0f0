package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.handshake.SelfTestException;
import net.vgate.packet.Prefix;
import net.vgate.record.Aead;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AeadBatch;
import net.vgate.record.AeadKey;
import net.vgate.record.AeadUnavailableException;
import net.vgate.record.JceAead;
import net.vgate.record.ipsecmb.IpsecMbAead;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** V-nets configured otherwise stand for a data path that does otherwise. */
@Timeout(60)
final class DataPathSelfTestTest {
    private static final GatewayConfig.Vnet EAST = DataPathSelfTest.vnet("east");
    private static final GatewayConfig.Vnet WEST = DataPathSelfTest.vnet("west");

    @Test
    void passesWithTheJdksAead() throws SelfTestException {
        DataPathSelfTest.run(new JceAead());
    }

    @Test
    void passesWithIpsecMb() throws SelfTestException {
        Aead aead;
        try {
            aead = IpsecMbAead.load();
        } catch (AeadUnavailableException missing) {
            Assumptions.abort("no ipsec-mb here: " + missing.getMessage());
            return;
        }
        DataPathSelfTest.run(aead);
    }

    @Test
    void seesASourceThatBecomesAnotherOne() {
        List<GatewayConfig.Translation> swapped =
                List.of(translation("10.0.0.0/24", "100.64.3.0/24"), translation("10.0.1.0/24", "100.64.1.0/24"));
        GatewayConfig.Vnet east = with(EAST, EAST.members(), swapped, EAST.remote(), EAST.policy());

        String why = failure(east, WEST);

        assertTrue(why.contains("at west, ICMP echo 8 does not arrive as it should"), why);
        assertTrue(why.contains("at west, stage admit, for wrong_site_source"), why);
    }

    @Test
    void seesADestinationThatBecomesAnotherOne() {
        List<Prefix> members = List.of(prefix("10.0.0.0/24"), prefix("10.0.9.0/24"));
        GatewayConfig.Translation other =
                new GatewayConfig.Translation("east", prefix("10.0.9.0/24"), prefix("100.64.2.0/24"));

        String why = failure(EAST, with(WEST, members, List.of(other), WEST.remote(), WEST.policy()));

        assertTrue(why.contains("at west, ICMP echo 8 does not arrive as it should"), why);
    }

    @Test
    void seesAPolicyThatPermitsAllAtTheDestination() {
        String why = failure(EAST, with(WEST, WEST.members(), WEST.translate(), WEST.remote(), all()));

        assertTrue(why.contains("at west, a packet arrives that must be dropped"), why);
    }

    /** The other site still denies what it must, but the stage at the source did not. */
    @Test
    void seesAPolicyThatPermitsAllAtTheSource() {
        String why = failure(with(EAST, EAST.members(), EAST.translate(), EAST.remote(), all()), WEST);

        assertTrue(why.contains("at east, stage permit_out, for policy"), why);
    }

    @Test
    void seesASpoofedSourceThatPasses() {
        List<Prefix> members = List.of(prefix("10.0.0.0/24"), prefix("10.0.1.0/24"), prefix("10.0.2.0/24"));

        String why = failure(with(EAST, members, EAST.translate(), EAST.remote(), EAST.policy()), WEST);

        assertTrue(why.contains("at east, stage classify, for spoofed_source"), why);
    }

    @Test
    void seesASourceOfAnotherSiteThatPasses() {
        List<GatewayConfig.Remote> remote =
                List.of(new GatewayConfig.Remote("east", List.of(prefix("100.64.1.0/24"), prefix("100.64.3.0/24"))));

        String why = failure(EAST, with(WEST, WEST.members(), WEST.translate(), remote, WEST.policy()));

        assertTrue(why.contains("at west, a packet arrives that must be dropped"), why);
    }

    @Test
    void seesRecordsThatDoNotOpen() {
        String why = failure(new Tampering(), EAST, WEST);

        assertTrue(why.contains("at west, ICMP echo 8 does not arrive as it should"), why);
        assertTrue(why.contains("at west, stage open, for auth_failed"), why);
    }

    private static List<PolicyRule> all() {
        return List.of(rule(Direction.OUT), rule(Direction.IN));
    }

    private static PolicyRule rule(Direction direction) {
        return new PolicyRule(direction, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), false);
    }

    private static GatewayConfig.Translation translation(String own, String alias) {
        return new GatewayConfig.Translation("west", prefix(own), prefix(alias));
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    private static GatewayConfig.Vnet with(
            GatewayConfig.Vnet vnet,
            List<Prefix> members,
            List<GatewayConfig.Translation> translate,
            List<GatewayConfig.Remote> remote,
            List<PolicyRule> policy) {
        return new GatewayConfig.Vnet(
                vnet.name(),
                vnet.vni(),
                vnet.kind(),
                vnet.attachment(),
                members,
                translate,
                remote,
                policy,
                vnet.maxFlows());
    }

    private static String failure(GatewayConfig.Vnet east, GatewayConfig.Vnet west) {
        return failure(new JceAead(), east, west);
    }

    private static String failure(Aead aead, GatewayConfig.Vnet east, GatewayConfig.Vnet west) {
        String message =
                String.valueOf(assertThrows(SelfTestException.class, () -> DataPathSelfTest.run(aead, east, west))
                        .getMessage());
        assertFalse(message.contains("\n"), message);
        return message;
    }

    /** Flips a bit of each text after it was sealed. */
    private static final class Tampering implements Aead {
        @Override
        public String name() {
            return "tampering";
        }

        @Override
        public String version() {
            return "0";
        }

        @Override
        public boolean supports(AeadAlgorithm algorithm) {
            return true;
        }

        @Override
        public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
            AeadKey sound = new JceAead().newKey(algorithm, key);
            return new AeadKey() {
                @Override
                public void seal(AeadBatch batch) {
                    sound.seal(batch);
                    int at = batch.textOffset(0);
                    batch.slab().put(at, (byte) (batch.slab().get(at) ^ 1));
                }

                @Override
                public void open(AeadBatch batch) {
                    sound.open(batch);
                }

                @Override
                public void destroy() {
                    sound.destroy();
                }
            };
        }
    }
}
