package net.vgate.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What changes from one configuration to another, in the order of the file. */
public record ConfigDiff(List<Change> changes) {
    public ConfigDiff {
        changes = List.copyOf(changes);
    }

    /** What happens to a thing. */
    public enum Kind {
        ADDED,
        REMOVED,
        CHANGED
    }

    /**
     * One change.
     *
     * @param subject what it happens to, as "vnet blue"
     * @param key the subject's key; empty when the subject comes or goes as a whole
     * @param before the value, or the item of a list, that goes; empty if none does
     * @param after what comes in its place; empty if nothing does
     * @param effect what it costs
     */
    public record Change(Kind kind, String subject, String key, String before, String after, Effect effect) {}

    /** From {@code before} to {@code after}. */
    public static ConfigDiff between(GatewayConfig before, GatewayConfig after) {
        Map<String, ConfigFacts.Subject> old = ConfigFacts.of(before);
        Map<String, ConfigFacts.Subject> now = ConfigFacts.of(after);
        List<Change> changes = new ArrayList<>();
        old.forEach((name, subject) -> {
            if (!now.containsKey(name)) {
                changes.add(new Change(Kind.REMOVED, name, "", subject.summary(), "", Effect.LIVE));
            }
        });
        now.forEach((name, subject) -> {
            ConfigFacts.Subject was = old.get(name);
            if (was == null) {
                changes.add(new Change(Kind.ADDED, name, "", "", subject.summary(), Effect.LIVE));
            } else {
                changed(name, was, subject, changes);
            }
        });
        return new ConfigDiff(changes);
    }

    /** Whether the two say the same. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Whether a gateway that runs has to be restarted to take it over. */
    public boolean needsRestart() {
        return changes.stream().anyMatch(change -> change.effect == Effect.RESTART);
    }

    /** Names of the V-nets whose devices are made anew. */
    public Set<String> pausedVnets() {
        Set<String> names = new LinkedHashSet<>();
        changes.stream()
                .filter(change -> change.effect == Effect.DEVICE)
                .forEach(change -> names.add(change.subject.substring(change.subject.indexOf(' ') + 1)));
        return names;
    }

    private static void changed(String name, ConfigFacts.Subject was, ConfigFacts.Subject is, List<Change> changes) {
        Map<String, ConfigFacts.Fact> before = byKey(was);
        for (ConfigFacts.Fact fact : is.facts()) {
            ConfigFacts.Fact nothing = new ConfigFacts.Fact(fact.key(), List.of(), fact.isList(), fact.effect());
            ConfigFacts.Fact old = before.getOrDefault(fact.key(), nothing);
            List<String> gone = old.without(fact);
            List<String> come = fact.without(old);
            boolean isOne = gone.size() <= 1 && come.size() <= 1 && !fact.isList();
            if (isOne && gone.size() + come.size() > 0) {
                changes.add(new Change(
                        Kind.CHANGED, name, fact.key(), String.join("", gone), String.join("", come), fact.effect()));
            } else {
                gone.forEach(v -> changes.add(new Change(Kind.REMOVED, name, fact.key(), v, "", fact.effect())));
                come.forEach(v -> changes.add(new Change(Kind.ADDED, name, fact.key(), "", v, fact.effect())));
            }
        }
    }

    private static Map<String, ConfigFacts.Fact> byKey(ConfigFacts.Subject subject) {
        Map<String, ConfigFacts.Fact> byKey = new LinkedHashMap<>();
        subject.facts().forEach(fact -> byKey.put(fact.key(), fact));
        return byKey;
    }
}
