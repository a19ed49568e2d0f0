package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;

/** The actions of one event, while they are decided. */
final class Outbox {
    private List<TunnelAction> actions = new ArrayList<>();

    void add(TunnelAction action) {
        actions.add(action);
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
