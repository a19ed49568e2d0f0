package net.vgate.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A key of the file: all that the reader and the reference know of it.
 *
 * @param presence what happens when it is not there
 * @param otherwise the default as it could be written, or in words; empty for none
 * @param meaning for the reference, one sentence or two without the last full stop
 * @param effect what a change of it costs
 */
record Key<T>(String name, Form<T> form, Presence presence, String otherwise, String meaning, Effect effect) {
    /** What happens when a key is not there. */
    enum Presence {
        /** That is an error. */
        REQUIRED,
        /** A value stands in. */
        DEFAULT,
        /** What it would switch on stays off, or it follows from other keys. */
        OPTIONAL
    }

    static <T> Key<T> required(String name, Form<T> form, String meaning) {
        return new Key<>(name, form, Presence.REQUIRED, "", meaning, Effect.LIVE);
    }

    /** @param otherwise the default, as it would be written */
    static <T> Key<T> withDefault(String name, Form<T> form, String otherwise, String meaning) {
        return new Key<>(name, form, Presence.DEFAULT, otherwise, meaning, Effect.LIVE);
    }

    /** @param otherwise what holds without it, in words */
    static <T> Key<T> optional(String name, Form<T> form, String otherwise, String meaning) {
        return new Key<>(name, form, Presence.OPTIONAL, otherwise, meaning, Effect.LIVE);
    }

    Key<T> changing(Effect costs) {
        return new Key<>(name, form, presence, otherwise, meaning, costs);
    }

    /** The default, when there is one that does not depend on other keys. */
    Optional<T> defaultValue() {
        if (presence != Presence.DEFAULT) {
            return Optional.empty();
        }
        Problems none = new Problems(Path.of(name));
        Optional<T> value = form.read(new YamlNode.Scalar(0, 0, otherwise, true), Spot.FILE, none);
        if (value.isEmpty()) {
            throw new IllegalStateException("the default of " + name + " is refused: " + none.sorted());
        }
        return value;
    }
}
