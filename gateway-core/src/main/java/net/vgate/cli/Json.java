package net.vgate.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Prints what scripts read. */
public final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    /** {@code value} as JSON, in several lines; records and maps become objects with their components in order. */
    public static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}
