package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * Which rung a lane's next handshake takes: UDP, or a stream where UDP does not carry. UDP is judged by data: it has
 * failed when a handshake on it came to nothing (two, while it carries), or when echoes on it were no longer answered.
 * From then on it rests, and is tried again while the stream carries; each time that it is lost again soon, it rests
 * longer, so that a path that comes and goes does not take the traffic with it.
 *
 * <p><b>Threading.</b> One thread, the Conductor's; every moment is an argument.
 */
public final class Ladder {
    /** Short enough that, with a handshake after it, traffic is back on UDP 30 s after UDP is. */
    static final long REST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A peer that is sent packets and is silent is asked in a hurry, see {@link Liveness}: a third of a second. */
    static final int SUSPICIOUS_ECHOES = 5;

    /** One is lost now and then. */
    private static final int DOUBTFUL_ECHOES = 2;

    static final long LONGEST_REST_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** UDP that carried for so long was good: what befalls it then is something new. */
    static final long STEADY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private boolean hasUdp;
    private boolean hasTcp;
    private boolean udpRests;
    private long restUntil;
    private long rest = REST_NANOS;
    private long udpSince;
    private boolean tcpFailedLast;

    /** Handshakes on UDP that came to nothing, since packets took the rung that carries. */
    private int failures;

    private Rung carrying = Rung.NONE;
    private String why = "";

    /** A step of the ladder. */
    public enum Rung {
        NONE,
        UDP,
        TCP,
        /** By a third gateway, see {@link DatagramPort#RELAY}; when to take it is not the ladder's to say. */
        RELAY
    }

    /** @param hasUdp whether the peer has an address for that */
    public Ladder(boolean hasUdp, boolean hasTcp) {
        adopt(hasUdp, hasTcp);
    }

    /** The peer has other addresses from now on. */
    public void adopt(boolean udp, boolean tcp) {
        hasUdp = udp;
        hasTcp = tcp;
    }

    /** The rung of a handshake that begins now. */
    public Rung next(long now) {
        if (!hasUdp) {
            return hasTcp ? Rung.TCP : Rung.NONE;
        }
        boolean isResting = udpRests && now - restUntil < 0;
        return hasTcp && isResting && !tcpFailedLast ? Rung.TCP : Rung.UDP;
    }

    /**
     * A handshake, or the stream for it, has come to nothing.
     *
     * @param unanswered how many echoes in a row had no answer on the rung that carries
     */
    public void failed(Rung rung, String reason, int unanswered, long now) {
        tcpFailedLast = rung == Rung.TCP;
        if (rung == Rung.UDP) {
            failures++;
            // Answers that come by it say more than one handshake for fresh keys that does not.
            if (carrying != Rung.UDP || failures > 1 || unanswered >= DOUBTFUL_ECHOES) {
                rest(now, "handshake: " + reason);
            }
        }
    }

    /** Packets are sent on {@code rung} from now on: an echo of the peer has come by it. */
    public void carries(Rung rung, long now) {
        tcpFailedLast = false;
        failures = 0;
        if (rung == Rung.UDP) {
            udpSince = carrying == Rung.UDP ? udpSince : now;
            udpRests = false;
            why = "";
        }
        carrying = rung;
    }

    /**
     * Whether UDP, which carries, is to be left for TCP since echoes stay away; the association on it is kept until the
     * one on TCP is there.
     *
     * @param unanswered how many in a row
     */
    public boolean isToBeLeft(int unanswered, long now) {
        if (carrying != Rung.UDP || !hasTcp || udpRests || unanswered < SUSPICIOUS_ECHOES) {
            return false;
        }
        restLonger(now);
        return true;
    }

    /** Whether UDP, which carries, may soon be left: time to get TCP ready. */
    public boolean isDoubtful(int unanswered) {
        return carrying == Rung.UDP && hasTcp && !udpRests && unanswered >= DOUBTFUL_ECHOES;
    }

    /** The peer is heard no longer on the rung that carried. */
    public void lost(long now) {
        if (carrying == Rung.UDP && !udpRests) {
            restLonger(now);
        }
        carrying = Rung.NONE;
    }

    /** Nothing carries, for whatever reason. */
    public void down() {
        carrying = Rung.NONE;
    }

    private void restLonger(long now) {
        boolean wasSteady = now - udpSince >= STEADY_NANOS;
        rest = wasSteady ? REST_NANOS : Math.min(2 * rest, LONGEST_REST_NANOS);
        rest(now, "echoes stayed away");
    }

    private void rest(long now, String reason) {
        udpRests = true;
        restUntil = now + rest;
        why = "UDP: " + reason;
    }

    /** Whether UDP has rested, and is to be tried while the stream goes on carrying. */
    public boolean isReturnDue(long now) {
        return carrying == Rung.TCP && hasUdp && (!udpRests || now - restUntil >= 0);
    }

    /** The rung that carries. */
    public Rung carrying() {
        return carrying;
    }

    /** Why it is not UDP; empty if it is, or need not be. */
    public String why() {
        return why;
    }
}
