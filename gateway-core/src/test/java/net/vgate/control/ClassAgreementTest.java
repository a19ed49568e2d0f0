package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.observe.EventLog;
import net.vgate.observe.StatusReport.RefusedVnet;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.TunnelClass;
import net.vgate.tunnel.VnetDemands;
import org.junit.jupiter.api.Test;

/** A tunnel to a peer that may carry V-nets blue, which demands nothing, and gold. */
class ClassAgreementTest {
    private static final TunnelClass GOLD = new TunnelClass("gold", Set.of(AeadAlgorithm.AES_256_GCM), true);
    private static final Vnet BLUE_VNET = vnet("blue", 1, TunnelClass.DEFAULT);
    private static final Vnet GOLD_VNET = vnet("gold", 2, GOLD);
    private static final VnetDemands LIKE_OURS = demands(2, GOLD);

    private final ClassAgreement agreement =
            new ClassAgreement(new PeerIdentity("west", "west-1"), new EventLog(System::nanoTime));
    private final Association weak = association(AeadAlgorithm.AES_128_GCM, 0);
    private final Association strong = association(AeadAlgorithm.AES_256_GCM, 0);
    private final Association stream = association(AeadAlgorithm.AES_256_GCM, DatagramPort.STREAM);

    ClassAgreementTest() {
        agreement.adopt(List.of(BLUE_VNET, GOLD_VNET));
    }

    @Test
    void untilThePeerHasSpokenNothingIsAgreedAndNothingIsSaid() {
        assertTrue(agreement.compare(strong, null, true));
        assertAdmits(true, false);
        assertEquals(List.of(), agreement.refused());
    }

    @Test
    void aPeerThatCannotSpeakCarriesWhatDemandsNothing() {
        agreement.compare(strong, null, false);
        assertAdmits(true, false);
        assertEquals(
                List.of(new RefusedVnet(
                        "gold", "class_mismatch", "aes-256-gcm over udp", "the peer does not know of classes")),
                agreement.refused());
    }

    @Test
    void whatBothDemandAlikeIsCarried() {
        agreement.compare(strong, LIKE_OURS, true);
        assertAdmits(true, true);
        assertEquals(List.of(), agreement.refused());
        // The same again is no change.
        assertFalse(agreement.compare(strong, LIKE_OURS, true));
    }

    @Test
    void eitherEndMayDemandMore() {
        agreement.compare(strong, VnetDemands.NONE, true);
        assertAdmits(true, false);
        assertEquals("the peer demands nothing", agreement.refused().get(0).but());

        TreeMap<Integer, Long> both = new TreeMap<>();
        both.put(1, GOLD.demand());
        both.put(2, GOLD.demand());
        agreement.compare(strong, VnetDemands.of(both), true);
        assertAdmits(false, true);
        assertEquals(
                List.of(new RefusedVnet("blue", "class_mismatch", "nothing", "the peer demands aes-256-gcm over udp")),
                agreement.refused());
    }

    @Test
    void theAssociationInUseMustMeetTheClass() {
        agreement.compare(weak, LIKE_OURS, true);
        assertEquals(
                List.of(new RefusedVnet(
                        "gold", "below_class", "aes-256-gcm over udp", "the tunnel has aes-128-gcm over udp")),
                agreement.refused());
        assertTrue(agreement.isBetterServedBy(AeadAlgorithm.AES_256_GCM, weak));
        assertFalse(agreement.isBetterServedBy(AeadAlgorithm.CHACHA20_POLY1305, weak));
        // Another association is no change of what is demanded: no handshake for it.
        assertFalse(agreement.compare(stream, LIKE_OURS, true));
        assertEquals(
                "the tunnel has aes-256-gcm over tcp",
                agreement.refused().get(0).but());
        assertFalse(agreement.isBetterServedBy(AeadAlgorithm.AES_256_GCM, stream));
        agreement.compare(null, LIKE_OURS, false);
        assertEquals(List.of(), agreement.refused());
        assertAdmits(true, true);
    }

    @Test
    void aReloadIsComparedWithWhatThePeerSaidBefore() {
        agreement.compare(strong, LIKE_OURS, true);
        agreement.adopt(List.of(BLUE_VNET, vnet("gold", 2, TunnelClass.DEFAULT)));
        assertTrue(agreement.compare(strong, LIKE_OURS, true));
        assertFalse(agreement.admission().admits(2, false));
        assertEquals("nothing", agreement.refused().get(0).demanded());
    }

    @Test
    void handshakesPreferWhatTheClassesAccept() {
        assertEquals(
                List.of(AeadAlgorithm.AES_256_GCM, AeadAlgorithm.AES_128_GCM, AeadAlgorithm.CHACHA20_POLY1305),
                HandshakePolicies.preferring(List.of(AeadAlgorithm.values()), List.of(BLUE_VNET, GOLD_VNET)));
        assertEquals(
                List.of(AeadAlgorithm.values()),
                HandshakePolicies.preferring(List.of(AeadAlgorithm.values()), List.of(BLUE_VNET)));
    }

    private void assertAdmits(boolean blue, boolean gold) {
        assertEquals(blue, agreement.admission().admits(1, false));
        assertEquals(gold, agreement.admission().admits(2, true));
    }

    private static VnetDemands demands(int vni, TunnelClass tunnelClass) {
        TreeMap<Integer, Long> byVni = new TreeMap<>();
        byVni.put(vni, tunnelClass.demand());
        return VnetDemands.of(byVni);
    }

    private static Vnet vnet(String name, int vni, TunnelClass tunnelClass) {
        return new Vnet(
                name,
                vni,
                GatewayConfig.Kind.L3,
                new GatewayConfig.Tun("vg", Optional.empty(), List.of(), false, Optional.empty()),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                1_000,
                tunnelClass,
                List.of(),
                false);
    }

    private static Association association(AeadAlgorithm algorithm, int local) {
        RecordKeys keys = RecordKeys.of(algorithm, new byte[RecordKeys.keyBlockBytes(algorithm)], Role.CLIENT);
        ConnectionIds ids = ConnectionIds.negotiated(1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        return new Association(
                new Association.Terms(ids, Role.CLIENT, new PeerIdentity("west", "west-1"), "TLS_TEST", Instant.MAX),
                new Association.Path(local, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433)),
                keys,
                new ControlProtector(ids, keys),
                new JceAead(),
                1,
                1);
    }
}
