package net.vgate.tunnel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import net.vgate.record.PeerIdentity;

/**
 * What a {@link TunnelMachine} goes by.
 *
 * @param own who this gateway is
 * @param peer who is at the other end
 * @param canConnect whether an address of the peer is known; else it must come to us
 * @param incarnation random number of this process, never 0
 * @param livenessEvery time between echo requests
 * @param livenessLost after how many unanswered ones, with no other sign of life, the peer counts as gone
 * @param rekey when an association is replaced
 * @param roams whether the peer may move to another address
 * @param pathMtu between which sizes the path's MTU is looked for
 * @param drain how long a replaced association still opens what is on its way
 * @param capabilities what this end offers, see {@link Capability}
 * @param lane which lane of the tunnel it is, from 0
 * @param lanes how many lanes this end offers
 */
public record TunnelRules(
        PeerIdentity own,
        PeerIdentity peer,
        boolean canConnect,
        long incarnation,
        Duration livenessEvery,
        int livenessLost,
        RekeyLimits rekey,
        boolean roams,
        PathMtuBounds pathMtu,
        Duration drain,
        long capabilities,
        int lane,
        int lanes) {
    /** Longer than a packet lives in any network that still delivers it in an order of use to anyone. */
    public static final Duration DRAIN = Duration.ofSeconds(5);

    public TunnelRules {
        if (own.equals(peer) || incarnation == 0 || livenessLost < 1) {
            throw new IllegalArgumentException("a tunnel of " + own + " to " + peer);
        }
        if (livenessEvery.isZero() || livenessEvery.isNegative() || drain.isNegative()) {
            throw new IllegalArgumentException("times must be positive");
        }
        if (lane < 0 || lane >= lanes || lanes > ControlMessage.MAX_LANES) {
            throw new IllegalArgumentException("lane " + lane + " of " + lanes);
        }
    }

    /** The same for another lane. */
    public TunnelRules ofLane(int otherLane) {
        return new TunnelRules(
                own,
                peer,
                canConnect,
                incarnation,
                livenessEvery,
                livenessLost,
                rekey,
                roams,
                pathMtu,
                drain,
                capabilities,
                otherLane,
                lanes);
    }

    /**
     * Whether associations whose DTLS client is this end stay, when both ends have made one at first contact: those of
     * the end with the lower SHA-256 of its identity do.
     */
    boolean ownClientWins() {
        return Arrays.compareUnsigned(hash(own), hash(peer)) < 0;
    }

    private static byte[] hash(PeerIdentity identity) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(identity.uri().getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
