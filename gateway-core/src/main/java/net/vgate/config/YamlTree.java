package net.vgate.config;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes a tree of YAML text. Takes the part of YAML that a person writes by hand: one document, no anchors and aliases
 * (which also blow up), no tags. Scalars stay text, so that {@code no} is a name like any other.
 */
final class YamlTree {
    /** The deepest key there is stands in the eighth level. */
    private static final int MAX_DEPTH = 32;

    private final Iterator<Event> events;

    private YamlTree(Iterator<Event> events) {
        this.events = events;
    }

    /**
     * The tree of {@code text}, or empty after having said why not: at the first fault, since what follows may be due
     * to it.
     */
    static Optional<YamlNode> compose(String text, Problems problems) {
        LoadSettings settings = LoadSettings.builder()
                .setUseMarks(true)
                .setCodePointLimit(SourceText.MAX_BYTES)
                .build();
        try {
            return Optional.of(
                    new YamlTree(new Parse(settings).parseString(text).iterator()).document());
        } catch (Refused refused) {
            problems.error(refused.spot, refused.found, refused.advice);
        } catch (MarkedYamlEngineException fault) {
            YamlFault.report(fault, problems);
        } catch (ReaderException fault) {
            YamlFault.report(fault, text, problems);
        } catch (YamlEngineException fault) {
            problems.error(Spot.FILE, "is not YAML", YamlFault.oneLine(fault.getMessage()));
        }
        return Optional.empty();
    }

    private YamlNode document() {
        Event event = events.next();
        while (!(event instanceof NodeEvent)) {
            if (event instanceof StreamEndEvent) {
                throw new Refused(Spot.FILE, "has no values in it", "config-samples has files to start from");
            }
            event = events.next();
        }
        YamlNode root = node(event, 0);
        while (events.hasNext()) {
            Event next = events.next();
            if (next instanceof DocumentStartEvent) {
                throw new Refused(spot(next), "a second document begins", "one file holds one configuration");
            }
        }
        return root;
    }

    private YamlNode node(Event event, int depth) {
        Spot spot = spot(event);
        if (depth > MAX_DEPTH) {
            throw new Refused(spot, "nested too deeply", "no key is more than eight levels deep");
        }
        if (event instanceof AliasEvent) {
            throw new Refused(spot, "YAML aliases (*name) are not used here", "write the value out");
        }
        NodeEvent node = (NodeEvent) event;
        if (node.getAnchor().isPresent()) {
            throw new Refused(spot, "YAML anchors (&name) are not used here", "write the value out where it is needed");
        }
        if (node instanceof ScalarEvent scalar) {
            refuseTag(scalar.getTag(), spot);
            return new YamlNode.Scalar(spot.line(), spot.column(), scalar.getValue(), scalar.isPlain());
        }
        refuseTag(((CollectionStartEvent) node).getTag(), spot);
        return node instanceof SequenceStartEvent ? sequence(spot, depth) : mapping(spot, depth);
    }

    private YamlNode sequence(Spot spot, int depth) {
        ScalarRun scalars = new ScalarRun();
        List<YamlNode> items = scalars;
        for (Event event = events.next(); event instanceof NodeEvent; event = events.next()) {
            YamlNode item = node(event, depth + 1);
            if (items == scalars && item instanceof YamlNode.Scalar scalar) {
                scalars.append(scalar);
                continue;
            }
            if (items == scalars) {
                items = new ArrayList<>(scalars);
            }
            items.add(item);
        }
        return new YamlNode.Sequence(spot.line(), spot.column(), items);
    }

    private YamlNode mapping(Spot spot, int depth) {
        List<YamlNode.Entry> entries = new ArrayList<>();
        for (Event event = events.next(); event instanceof NodeEvent; event = events.next()) {
            if (!(node(event, depth + 1) instanceof YamlNode.Scalar key)) {
                throw new Refused(spot(event), "a key is a list or a group of keys", "keys are single words");
            }
            entries.add(new YamlNode.Entry(key, node(events.next(), depth + 1)));
        }
        return new YamlNode.Mapping(spot.line(), spot.column(), entries);
    }

    private static void refuseTag(Optional<String> tag, Spot spot) {
        if (tag.isPresent() && !tag.get().equals("!")) {
            throw new Refused(spot, "YAML tags (!name) are not used here", "write the value alone");
        }
    }

    private static Spot spot(Event event) {
        return event.getStartMark().map(YamlTree::spot).orElse(Spot.FILE);
    }

    static Spot spot(Mark mark) {
        return new Spot(mark.getLine() + 1, mark.getColumn() + 1, "");
    }

    /** Leaves the recursion; never leaves this class. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial")
        private final Spot spot;

        private final String found;
        private final String advice;

        Refused(Spot spot, String found, String advice) {
            super(found, null, false, false);
            this.spot = spot;
            this.found = found;
            this.advice = advice;
        }
    }
}
