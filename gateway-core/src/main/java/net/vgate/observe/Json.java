package net.vgate.observe;

import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The reports as JSON: keys in the records' order, times as ISO 8601. What a newer gateway adds is not minded when
 * read.
 */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private Json() {}

    /** Ends with a line feed. */
    public static String write(Object report) {
        return MAPPER.writeValueAsString(report) + "\n";
    }

    /**
     * A report, from what {@link #write} made of it.
     *
     * @throws tools.jackson.core.JacksonException when it is none
     */
    public static <T> T read(String json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }
}
