package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;
import net.vgate.tunnel.ControlMessage.PathProbe;
import net.vgate.tunnel.TunnelAction.SendControl;

/** The actions of one event, while they are decided. */
final class Outbox {
    /** No message but a probe is longer, its header included. */
    private static final int MESSAGE_BYTES = 64;

    private List<TunnelAction> actions = new ArrayList<>();
    private long messageBytes;
    private int messages;

    void add(TunnelAction action) {
        actions.add(action);
        if (action instanceof SendControl send) {
            messages++;
            messageBytes += send.message() instanceof PathProbe probe ? probe.bytes() : MESSAGE_BYTES;
        }
    }

    /** How many messages went to the peer since the last call. */
    int takeMessages() {
        int taken = messages;
        messages = 0;
        return taken;
    }

    /** What the messages to the peer have come to, at most. */
    long messageBytes() {
        return messageBytes;
    }

    void report(TunnelEvent event, String detail) {
        actions.add(new TunnelAction.Report(event, detail));
    }

    /** All actions since the last call; they are the caller's. */
    List<TunnelAction> take() {
        List<TunnelAction> taken = actions;
        actions = new ArrayList<>();
        return taken;
    }
}
