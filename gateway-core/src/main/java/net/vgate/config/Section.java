package net.vgate.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A group of keys that belong together.
 *
 * @param title what it describes, for the reference
 */
record Section(String title, List<Key<?>> keys) implements Form<Fields> {
    static Section of(String title, Key<?>... keys) {
        return new Section(title, List.of(keys));
    }

    @Override
    public Optional<Section> section() {
        return Optional.of(this);
    }

    @Override
    public String allowed() {
        return keys.stream().map(Key::name).collect(Collectors.joining(", ", "the keys ", ""));
    }

    /** Never empty for a mapping: what is wrong in it leaves the rest to be looked at. */
    @Override
    public Optional<Fields> read(YamlNode node, Spot spot, Problems problems) {
        Spot at = spot.at(node);
        if (!(node instanceof YamlNode.Mapping mapping)) {
            boolean isAbsent = node instanceof YamlNode.Scalar scalar && scalar.isAbsent();
            problems.error(at, isAbsent ? "has no value" : "is " + node.kind(), "it takes " + allowed());
            return Optional.empty();
        }
        Fields fields = new Fields(at);
        Map<String, YamlNode.Scalar> seen = new HashMap<>();
        for (YamlNode.Entry entry : mapping.entries()) {
            readEntry(entry, fields, seen, problems);
        }
        keys.stream().filter(key -> !fields.wrote(key)).forEach(key -> fillIn(key, fields, problems));
        return Optional.of(fields);
    }

    private void readEntry(YamlNode.Entry entry, Fields fields, Map<String, YamlNode.Scalar> seen, Problems problems) {
        String name = entry.key().text();
        Optional<Key<?>> key = keys.stream().filter(k -> k.name().equals(name)).findFirst();
        if (key.isEmpty()) {
            Spot at = fields.spot().at(entry.key());
            problems.errorAtWord(at, name.length(), "unknown key " + Quote.of(name), Suggestion.forKey(name, this));
            return;
        }
        Spot at = fields.spot().child(name).at(entry.key());
        YamlNode.Scalar first = seen.putIfAbsent(name, entry.key());
        if (first != null) {
            problems.error(at, "is there twice", "it was in line " + first.line() + " before; remove one");
            return;
        }
        fields.wroteAt(key.get(), at);
        readValue(key.get(), entry.value(), at, fields, problems);
    }

    private static <T> void readValue(Key<T> key, YamlNode node, Spot at, Fields fields, Problems problems) {
        key.form().read(node, at, problems).ifPresent(value -> fields.put(key, value, at.at(node)));
    }

    private static <T> void fillIn(Key<T> key, Fields fields, Problems problems) {
        if (key.presence() == Key.Presence.REQUIRED) {
            problems.error(
                    fields.spotOf(key), "is missing", "add it: " + key.form().allowed());
            return;
        }
        Optional<Section> inner = key.form().section();
        if (key.presence() == Key.Presence.DEFAULT && inner.isPresent()) {
            // A group that is not there is a group of defaults.
            YamlNode.Mapping nothing =
                    new YamlNode.Mapping(fields.spot().line(), fields.spot().column(), List.of());
            readValue(key, nothing, fields.spotOf(key), fields, problems);
            fields.put(key, fields.get(key), fields.spotOf(key));
        } else {
            key.defaultValue().ifPresent(value -> fields.put(key, value, fields.spotOf(key)));
        }
    }
}
