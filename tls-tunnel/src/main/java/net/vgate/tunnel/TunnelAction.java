package net.vgate.tunnel;

import net.vgate.record.Association.Path;
import net.vgate.tunnel.ControlMessage.RelayRequest;

/**
 * What a {@link TunnelMachine} wants done, in the order of its list. Associations are named by our own connection ID.
 */
public sealed interface TunnelAction {
    /** Start a handshake with the peer, as DTLS client; its outcome is told to the machine with the same number. */
    record StartHandshake(int attempt) implements TunnelAction {}

    /** Seal and send {@code message} on that very association, whether or not it is the one in use. */
    record SendControl(long association, ControlMessage message) implements TunnelAction {}

    /** Seal {@code message} on that association, and send it by {@code to}, whichever path packets take. */
    record SendOnPath(long association, ControlMessage message, Path to) implements TunnelAction {}

    /** All that is sent on the association takes the path {@code to} from now on. */
    record MovePath(long association, Path to) implements TunnelAction {}

    /** Packets leave on this association from now on. */
    record SendOn(long association) implements TunnelAction {}

    /** There is no association to send on: packets are dropped, never sent in clear. */
    record StopSending() implements TunnelAction {}

    /**
     * The association is not sent on any more by either end, but opens what is still on its way. The machine itself
     * closes it at {@code untilNanos} at the latest.
     */
    record Retire(long association, long untilNanos) implements TunnelAction {}

    /** The association is over. */
    record Close(long association, boolean notifyPeer) implements TunnelAction {}

    /**
     * From now on packets must fit a path that carries {@code bytes}.
     *
     * @param bytes of an outer IP packet, all headers included
     */
    record FitPath(long association, int bytes) implements TunnelAction {}

    /** The peer asks this gateway, as a relay, for a way to another one; the answer goes back on that association. */
    record AnswerRelay(long association, RelayRequest request) implements TunnelAction {}

    /** The ways that the peer, as a relay, has opened for us are others than before: {@link TunnelMachine#ways}. */
    record WaysChanged() implements TunnelAction {}

    /** A line for the log. */
    record Report(TunnelEvent event, String detail) implements TunnelAction {}
}
