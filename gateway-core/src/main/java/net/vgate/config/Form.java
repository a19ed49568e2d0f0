package net.vgate.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a key's value may look like: reads it, and says what it reads. */
interface Form<T> {
    /** The value that {@code node} writes, or empty after having said what is wrong with it. */
    Optional<T> read(YamlNode node, Spot spot, Problems problems);

    /** What may be written, for messages and the reference. */
    String allowed();

    /** The keys inside, when it is a group of keys or a list of groups. */
    default Optional<Section> section() {
        return Optional.empty();
    }

    /** What a list's items are collected in. */
    default Items<T> newItems() {
        List<T> list = new ArrayList<>();
        return new Items<>() {
            @Override
            public void add(T value) {
                list.add(value);
            }

            @Override
            public List<T> build() {
                return Collections.unmodifiableList(list);
            }
        };
    }

    /** Collects the items of a list. */
    interface Items<T> {
        void add(T value);

        List<T> build();
    }

    /** A single value whose text says it all. */
    static <T> Form<T> ofText(String allowed, TextReader<T> reader) {
        return new Form<>() {
            @Override
            public Optional<T> read(YamlNode node, Spot spot, Problems problems) {
                Spot at = spot.at(node);
                if (!(node instanceof YamlNode.Scalar scalar)) {
                    problems.error(at, "is " + node.kind(), "allowed: " + allowed);
                    return Optional.empty();
                }
                if (scalar.isAbsent()) {
                    problems.error(at, "has no value", "allowed: " + allowed);
                    return Optional.empty();
                }
                Reading<T> reading = reader.read(scalar.text());
                if (reading.value().isEmpty()) {
                    problems.error(at, Quote.of(scalar.text()) + " " + reading.found(), advice(reading));
                }
                return reading.value();
            }

            private String advice(Reading<T> reading) {
                return reading.advice().isEmpty() ? "allowed: " + allowed : reading.advice();
            }

            @Override
            public String allowed() {
                return allowed;
            }
        };
    }

    /** Understands the text of a single value. */
    interface TextReader<T> {
        Reading<T> read(String text);
    }

    /**
     * What was understood.
     *
     * @param found what is wrong with the text, to follow it in a sentence
     * @param advice what to do; empty where it is best to say all that is allowed
     */
    record Reading<T>(Optional<T> value, String found, String advice) {
        static <T> Reading<T> of(T value) {
            return new Reading<>(Optional.of(value), "", "");
        }

        <R> Reading<R> map(Function<T, R> mapper) {
            return new Reading<>(value.map(mapper), found, advice);
        }

        static <T> Reading<T> wrong(String found) {
            return new Reading<>(Optional.empty(), found, "");
        }

        static <T> Reading<T> wrong(String found, String advice) {
            return new Reading<>(Optional.empty(), found, advice);
        }
    }
}
