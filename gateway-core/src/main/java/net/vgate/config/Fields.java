package net.vgate.config;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/** One group of keys as it was read: what could be understood of it, and where it was written. Defaults are in it. */
final class Fields {
    private final Spot spot;
    private final IdentityHashMap<Key<?>, Located<?>> values = new IdentityHashMap<>();
    private final IdentityHashMap<Key<?>, Spot> written = new IdentityHashMap<>();

    Fields(Spot spot) {
        this.spot = spot;
    }

    /** Where the group begins. */
    Spot spot() {
        return spot;
    }

    /** Where {@code key} was written, even if its value is of no use; where the group begins if it was not. */
    Spot spotOf(Key<?> key) {
        return written.getOrDefault(key, spot.child(key.name()));
    }

    /** Whether the file has the key, with a value of use or without. */
    boolean wrote(Key<?> key) {
        return written.containsKey(key);
    }

    <T> void put(Key<T> key, T value, Spot at) {
        values.put(key, new Located<>(value, at));
    }

    void wroteAt(Key<?> key, Spot at) {
        written.put(key, at);
    }

    /** The value of {@code key}, or its default; empty if there is none or it could not be understood. */
    @SuppressWarnings("unchecked") // put() takes a key and a value of one type
    <T> Optional<Located<T>> find(Key<T> key) {
        return Optional.ofNullable((Located<T>) values.get(key));
    }

    /** The value of {@code key}, or its default. */
    <T> Optional<T> value(Key<T> key) {
        return find(key).map(Located::value);
    }

    /** The value of a key that must be there by now: nothing was wrong with the file. */
    <T> T get(Key<T> key) {
        return value(key).orElseThrow(() -> new IllegalStateException("no value at " + spotOf(key)));
    }

    /** The items of a list, none if there is no such key. */
    <T> List<Located<T>> list(Key<List<Located<T>>> key) {
        return value(key).orElse(List.of());
    }

    /** The items of a list, without their places. */
    <T> List<T> values(Key<List<Located<T>>> key) {
        List<Located<T>> items = list(key);
        return items instanceof LocatedList<T> located
                ? located.values()
                : items.stream().map(Located::value).toList();
    }
}
