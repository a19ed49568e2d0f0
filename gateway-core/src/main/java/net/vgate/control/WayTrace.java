package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import net.vgate.dataplane.Stage;
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Step;
import net.vgate.observe.AddressReport.Written;
import net.vgate.packet.DropReason;
import org.jspecify.annotations.Nullable;

/** The steps of one way, as far as any packet gets: what comes after a stage that drops all is left out. */
final class WayTrace {
    private final List<Step> steps = new ArrayList<>();
    private @Nullable DropReason drop;
    private boolean isEnded;

    /** Whether no packet gets further. */
    boolean isEnded() {
        return isEnded;
    }

    /** The stage lets all pass. */
    WayTrace pass(Stage stage, String text, List<Written> by) {
        return add(stage, "pass", null, text, by);
    }

    WayTrace pass(Stage stage, String text) {
        return pass(stage, text, List.of());
    }

    /** It drops some for {@code reason}. */
    WayTrace some(Stage stage, DropReason reason, String text, List<Written> by) {
        return add(stage, "some", reason, text, by);
    }

    /** It drops what starts a flow, and lets answers pass to flows that start the other way. */
    WayTrace answers(Stage stage, String text, List<Written> by) {
        return add(stage, "answers", DropReason.POLICY, text, by);
    }

    /** It would let pass what comes, and nothing can come now. */
    WayTrace idle(Stage stage, String text) {
        return add(stage, "idle", null, text, List.of());
    }

    /** It drops all of them. */
    WayTrace drop(Stage stage, DropReason reason, String text, List<Written> by) {
        if (!isEnded) {
            drop = reason;
        }
        add(stage, "drop", reason, text, by);
        isEnded = true;
        return this;
    }

    WayTrace drop(Stage stage, DropReason reason, String text) {
        return drop(stage, reason, text, List.of());
    }

    /** What passed stays here. */
    WayTrace end() {
        isEnded = true;
        return this;
    }

    private WayTrace add(Stage stage, String verdict, @Nullable DropReason reason, String text, List<Written> by) {
        if (!isEnded) {
            steps.add(new Step(stage.label(), verdict, reason == null ? null : reason.label(), text, by));
        }
        return this;
    }

    AddressReport.Way way(String direction, @Nullable String peer, String from, String to) {
        return new AddressReport.Way(direction, peer, from, to, steps, drop == null ? null : drop.label());
    }
}
