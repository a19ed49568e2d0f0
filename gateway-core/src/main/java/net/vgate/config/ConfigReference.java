package net.vgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;

/** Prints the reference of all keys, from the table that the reader reads by. */
public final class ConfigReference {
    private static final String INTRODUCTION = """
            <!-- Generated from ConfigKeys; the test ConfigReferenceTest says how to write it anew. -->
            # The configuration file

            One YAML file describes one gateway. It is read strictly: a key that is not listed here, a value that is not
            allowed, or parts that do not fit together refuse the whole file. `vgate check FILE` prints all problems at
            once, each with file, line, column and key, and ends with exit code 2 if one of them is an error. Warnings
            are for what works but is hardly meant; `--strict` takes them for errors.

            * Paths are absolute, or start from the file's folder. Keys and certificates are always files: no secret
              stands in the configuration.
            * Durations and sizes carry a unit, as `30s` or `64KiB`. Addresses are never names.
            * YAML's anchors, aliases and tags are not used, and a file is one document of at most %d MiB.
            * A change takes effect as the last column says: *reload* (SIGHUP or `vgate reload`; traffic that the
              change does not touch loses no packet), *reload, the V-net pauses* (its device is made anew), or
              *restart* (a reload with such a change is refused). `vgate plan OLD NEW` says it for a real change.

            A file with every key, then each key in turn:

            ```yaml
            %s```
            """;

    private ConfigReference() {}

    /** The reference, Markdown. */
    public static String markdown() {
        StringBuilder text = new StringBuilder(INTRODUCTION.formatted(SourceText.MAX_BYTES >> 20, everyKey()));
        append(text, ConfigKeys.ROOT, "");
        return text.toString();
    }

    /** A file that uses every key there is. */
    static String everyKey() {
        try (InputStream in = ConfigReference.class.getResourceAsStream("every-key.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new IllegalStateException("the jar cannot be read", broken);
        }
    }

    private static void append(StringBuilder text, Section section, String path) {
        text.append("\n## ")
                .append(path.isEmpty() ? section.title() : "`" + path + "`")
                .append("\n\n");
        if (!path.isEmpty()) {
            text.append(section.title()).append(".\n\n");
        }
        text.append("| key | what it says | allowed | if absent | a change takes |\n");
        text.append("| --- | --- | --- | --- | --- |\n");
        for (Key<?> key : section.keys()) {
            text.append("| `%s` | %s | %s | %s | %s |%n"
                    .formatted(key.name(), meaning(key, path), allowed(key), absent(key), effect(key)));
        }
        for (Key<?> key : section.keys()) {
            key.form().section().ifPresent(inner -> append(text, inner, below(path, key)));
        }
    }

    private static String below(String path, Key<?> key) {
        String name = path.isEmpty() ? key.name() : path + "." + key.name();
        boolean isList = !key.form().equals(key.form().section().orElse(null));
        return isList ? name + "[]" : name;
    }

    private static String meaning(Key<?> key, String path) {
        Optional<Section> inner = key.form().section();
        String meaning =
                inner.isPresent() && key.meaning().isEmpty() ? inner.get().title() : key.meaning();
        return meaning + (inner.isPresent() ? ": see `" + below(path, key) + "`" : "");
    }

    private static String allowed(Key<?> key) {
        return key.form().section().isPresent() && key.form() instanceof Section
                ? "a group of keys"
                : key.form().allowed();
    }

    private static String absent(Key<?> key) {
        return switch (key.presence()) {
            case REQUIRED -> "**required**";
            case DEFAULT -> key.otherwise().isEmpty() ? "defaults of its keys" : "`" + key.otherwise() + "`";
            case OPTIONAL -> key.otherwise();
        };
    }

    private static String effect(Key<?> key) {
        return key.form().section().isPresent() ? "" : key.effect().label();
    }
}
