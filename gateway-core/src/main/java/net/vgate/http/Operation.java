package net.vgate.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a route is for, as the description of a server says it.
 *
 * @param query what may stand in the query
 * @param body the record that the request's body is, as JSON; null when there is none
 * @param answers by status
 */
public record Operation(
        String summary, List<Parameter> query, @Nullable Class<?> body, List<Answer> answers) {
    public Operation {
        query = List.copyOf(query);
        answers = List.copyOf(answers);
    }

    /** A parameter in the query. */
    public record Parameter(String name, boolean isRequired, String text) {}

    /**
     * An answer.
     *
     * @param report the record that the body is, as JSON; null when it is of another type
     */
    public record Answer(
            int status, String contentType, @Nullable Class<?> report, String text) {}

    /** One that has nothing in its query, no body, and no answers yet. */
    public static Operation of(String summary) {
        return new Operation(summary, List.of(), null, List.of());
    }

    /** This, with one more parameter. */
    public Operation query(String name, boolean isRequired, String text) {
        List<Parameter> more = new ArrayList<>(query);
        more.add(new Parameter(name, isRequired, text));
        return new Operation(summary, more, body, answers);
    }

    /** This, with a body. */
    public Operation takes(Class<?> report) {
        return new Operation(summary, query, report, answers);
    }

    /** This, with one more answer in JSON. */
    public Operation answers(int status, Class<?> report, String text) {
        return answers(new Answer(status, "application/json", report, text));
    }

    /** This, with one more answer of another type. */
    public Operation answers(int status, String contentType, String text) {
        return answers(new Answer(status, contentType, null, text));
    }

    private Operation answers(Answer answer) {
        List<Answer> more = new ArrayList<>(answers);
        more.add(answer);
        return new Operation(summary, query, body, more);
    }
}
