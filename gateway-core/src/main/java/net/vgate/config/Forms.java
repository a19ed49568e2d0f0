package net.vgate.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import net.vgate.pki.GatewayIdentity;

/** Forms of names, numbers, choices, paths and lists. */
final class Forms {
    // IFNAMSIZ is 16 with the closing zero.
    private static final Predicate<String> DEVICE =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,14}").asMatchPredicate();

    private static final Predicate<String> NAMESPACE =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}").asMatchPredicate();

    private static final Predicate<String> DIGITS = Pattern.compile("\\d{1,18}").asMatchPredicate();

    private Forms() {}

    /** Of a site, a gateway or a V-net. */
    static Form<String> name() {
        String allowed = "1 to 63 of a-z, 0-9 and -, not - at an end";
        return Form.ofText(allowed, text -> {
            String lower = text.toLowerCase(Locale.ROOT)
                    .replace('_', '-')
                    .replace('.', '-')
                    .replace(' ', '-');
            if (GatewayIdentity.isName(text)) {
                return Form.Reading.of(text);
            }
            return GatewayIdentity.isName(lower)
                    ? Form.Reading.wrong("is no name", "write " + lower + ", or another of " + allowed)
                    : Form.Reading.wrong("is no name");
        });
    }

    /** Of a network interface of Linux. */
    static Form<String> device() {
        return Form.ofText("1 to 15 of letters, digits, . _ and -, beginning with a letter or digit", text -> {
            // These three are folders of /proc/sys/net/ipv4/conf, and one is there already.
            if (List.of("lo", "all", "default").contains(text)) {
                return Form.Reading.wrong("is taken by the system", "choose another name, as vg-blue");
            }
            return DEVICE.test(text) ? Form.Reading.of(text) : Form.Reading.wrong("cannot be an interface's name");
        });
    }

    /** Of a named network namespace; becomes a file's name below /run/netns. */
    static Form<String> namespace() {
        return Form.ofText(
                "1 to 64 of letters, digits, . _ and -, beginning with a letter or digit",
                text -> NAMESPACE.test(text) && !text.contains("..")
                        ? Form.Reading.of(text)
                        : Form.Reading.wrong("cannot be a namespace's name"));
    }

    /** A whole number from {@code min} to {@code max}. */
    static Form<Integer> integer(int min, int max) {
        Form<Long> wide = count(min, max);
        return new Form<>() {
            @Override
            public Optional<Integer> read(YamlNode node, Spot spot, Problems problems) {
                return wide.read(node, spot, problems).map(Math::toIntExact);
            }

            @Override
            public String allowed() {
                return wide.allowed();
            }
        };
    }

    /** A whole number from {@code min} to {@code max}. */
    static Form<Long> count(long min, long max) {
        return Form.ofText(min + " to " + max, text -> {
            if (!DIGITS.test(text)) {
                return Form.Reading.wrong("is not a whole number");
            }
            long value = Long.parseLong(text);
            if (value < min || value > max) {
                return Form.Reading.wrong(value < min ? "is too small" : "is too large");
            }
            return Form.Reading.of(value);
        });
    }

    /** Yes or no. */
    static Form<Boolean> flag() {
        return choice(Map.of("true", true, "false", false));
    }

    /** One of a few words. */
    static <T> Form<T> choice(Map<String, T> choices) {
        String allowed = String.join(" or ", choices.keySet().stream().sorted().toList());
        return Form.ofText(
                allowed,
                text -> Optional.ofNullable(choices.get(text))
                        .map(Form.Reading::of)
                        .orElseGet(() -> Form.Reading.wrong("is none of these")));
    }

    /** A file's path, as it stands. */
    static Form<Path> path() {
        return Form.ofText("a file's path, absolute or from this file's folder", text -> {
            if (text.contains("-----BEGIN") || text.contains("\n")) {
                return Form.Reading.wrong("is no path", "put it into a file of its own and write the file's path here");
            }
            try {
                return Form.Reading.of(Path.of(text));
            } catch (InvalidPathException invalid) {
                return Form.Reading.wrong("is no path");
            }
        });
    }

    /** A list of at least {@code min} items. */
    static <T> Form<List<Located<T>>> listOf(Form<T> item, int min) {
        return new ListForm<>(item, min, false);
    }

    /** One item, or a list of at least one. */
    static <T> Form<List<Located<T>>> oneOrMore(Form<T> item) {
        return new ListForm<>(item, 1, true);
    }

    private record ListForm<T>(Form<T> item, int min, boolean mayBeOne) implements Form<List<Located<T>>> {
        @Override
        public Optional<List<Located<T>>> read(YamlNode node, Spot spot, Problems problems) {
            if (node instanceof YamlNode.Sequence sequence) {
                return Optional.of(items(sequence, spot, problems));
            }
            boolean isAbsent = node instanceof YamlNode.Scalar scalar && scalar.isAbsent();
            if (mayBeOne && !isAbsent) {
                return item.read(node, spot, problems).map(value -> List.of(new Located<>(value, spot.at(node))));
            }
            problems.error(
                    spot.at(node),
                    isAbsent ? "has no value" : "is " + node.kind(),
                    "write a list: " + (section().isPresent() ? "each item begins with -" : "[one, another]"));
            return Optional.empty();
        }

        private List<Located<T>> items(YamlNode.Sequence sequence, Spot spot, Problems problems) {
            LocatedList.Builder<T> values = new LocatedList.Builder<>(item.newItems(), spot);
            for (int i = 0; i < sequence.items().size(); i++) {
                YamlNode node = sequence.items().get(i);
                String label = label(node, i);
                Spot at = spot.item(label).at(node);
                item.read(node, at, problems).ifPresent(value -> values.add(value, node, label));
            }
            if (sequence.items().size() < min) {
                problems.error(spot.at(sequence), "is an empty list", "write at least " + min);
            }
            return values.build();
        }

        /** What the item calls itself, else its number. */
        private static String label(YamlNode node, int index) {
            if (node instanceof YamlNode.Mapping mapping) {
                for (YamlNode.Entry entry : mapping.entries()) {
                    boolean names = entry.key().text().equals("name")
                            || entry.key().text().equals("site");
                    if (names
                            && entry.value() instanceof YamlNode.Scalar value
                            && GatewayIdentity.isName(value.text())) {
                        return value.text();
                    }
                }
            }
            return Integer.toString(index);
        }

        @Override
        public String allowed() {
            String items = section().isPresent() ? "a list of groups of keys" : "a list of: " + item.allowed();
            return mayBeOne ? item.allowed() + "; or a list" : items;
        }

        @Override
        public Optional<Section> section() {
            return item.section();
        }
    }
}
