package net.vgate.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.CredentialsException;
import net.vgate.handshake.HandshakePolicy;
import net.vgate.handshake.KnownPeers;
import net.vgate.pki.PkiException;
import net.vgate.pki.PresharedKey;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.TunnelClass;

/** What handshakes are decided by, from a configuration. */
public final class HandshakePolicies {
    private HandshakePolicies() {}

    /** Reads certificates and key anew. */
    public static HandshakePolicy of(GatewayConfig config) throws CredentialsException {
        Credentials credentials = Credentials.load(
                config.identity().certificate(),
                config.identity().key(),
                config.identity().trust(),
                config.identity().revoked());
        return new HandshakePolicy(
                credentials,
                knownPeers(
                        config,
                        (peer, gateway) -> gateway.udp().stream()
                                .flatMap(endpoint -> endpoint.address().stream())
                                .toList()),
                preferring(config.crypto().ciphers(), config.vnets()),
                presharedKeys(config));
    }

    /** What the most classes accept comes first, so that a tunnel may carry V-nets of all of them. */
    static List<AeadAlgorithm> preferring(List<AeadAlgorithm> ciphers, List<Vnet> vnets) {
        List<TunnelClass> classes =
                vnets.stream().map(Vnet::tunnelClass).distinct().toList();
        return ciphers.stream()
                .sorted(Comparator.comparing(cipher ->
                        classes.stream().filter(one -> !one.accepts(cipher)).count()))
                .toList();
    }

    private static Map<PeerIdentity, PresharedKey> presharedKeys(GatewayConfig config) throws CredentialsException {
        Map<PeerIdentity, PresharedKey> keys = new HashMap<>();
        for (Peer peer : config.peers()) {
            for (PeerGateway gateway : peer.gateways()) {
                if (gateway.psk().isPresent()) {
                    try {
                        keys.put(
                                new PeerIdentity(peer.site(), gateway.name()),
                                PresharedKey.read(gateway.psk().get()));
                    } catch (PkiException wrong) {
                        throw new CredentialsException(String.valueOf(wrong.getMessage()), wrong);
                    }
                }
            }
        }
        return keys;
    }

    /** @param addresses of a gateway, as far as they are known */
    static KnownPeers knownPeers(
            GatewayConfig config, BiFunction<Peer, PeerGateway, List<InetSocketAddress>> addresses) {
        Set<PeerIdentity> identities = config.peers().stream()
                .flatMap(peer -> peer.gateways().stream().map(gateway -> new PeerIdentity(peer.site(), gateway.name())))
                .collect(Collectors.toUnmodifiableSet());
        Set<InetAddress> known = config.peers().stream()
                .flatMap(peer -> peer.gateways().stream().flatMap(gateway -> addresses.apply(peer, gateway).stream()))
                .map(InetSocketAddress::getAddress)
                .collect(Collectors.toUnmodifiableSet());
        return new KnownPeers(identities, known);
    }
}
