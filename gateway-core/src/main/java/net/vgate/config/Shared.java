package net.vgate.config;

import java.util.HashMap;
import java.util.Map;

/** Of values that are equal the first one, so that a thousand V-nets that say much the same are kept once. */
final class Shared {
    private final Map<Object, Object> firsts = new HashMap<>();

    /** The first value given that equals {@code value}, which is immutable. */
    @SuppressWarnings("unchecked") // values that are equal are of one type: records, strings, and what holds them
    <T> T of(T value) {
        return (T) firsts.computeIfAbsent(value, first -> first);
    }
}
