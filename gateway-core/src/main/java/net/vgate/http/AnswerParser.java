package net.vgate.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Reads an answer of our own server (RFC 9112): of a stated length, in one piece. */
final class AnswerParser {
    private static final byte[] END_OF_HEADERS = {'\r', '\n', '\r', '\n'};

    private AnswerParser() {}

    /**
     * @param bytes all that came until the connection was closed
     * @throws IOException when that is no whole answer
     */
    static Response parse(byte[] bytes) throws IOException {
        int headersEnd = indexOfHeadersEnd(bytes);
        if (headersEnd < 0) {
            throw malformed("it ends within its headers");
        }
        String[] lines = new String(bytes, 0, headersEnd, StandardCharsets.ISO_8859_1).split("\r\n", -1);
        byte[] body = Arrays.copyOfRange(bytes, headersEnd + END_OF_HEADERS.length, bytes.length);
        int length = -1;
        String contentType = "";
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            if (name.equals("content-length")) {
                length = number(lines[i].substring(colon + 1).strip());
            } else if (name.equals("content-type")) {
                contentType = lines[i].substring(colon + 1).strip();
            }
        }
        if (length != body.length) {
            throw malformed("its body has " + body.length + " bytes and should have " + length);
        }
        return Response.of(status(lines[0]), contentType, body);
    }

    private static int status(String line) throws IOException {
        if (!line.startsWith("HTTP/1.1 ") || line.length() < 12) {
            throw malformed("it has no status line");
        }
        return number(line.substring(9, 12));
    }

    private static int number(String digits) throws IOException {
        if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformed("it has no number where one should be");
        }
        return Integer.parseInt(digits);
    }

    private static int indexOfHeadersEnd(byte[] bytes) {
        for (int at = 0; at + END_OF_HEADERS.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + END_OF_HEADERS.length, END_OF_HEADERS, 0, END_OF_HEADERS.length)) {
                return at;
            }
        }
        return -1;
    }

    private static IOException malformed(String why) {
        return new IOException("what listens there does not answer as a gateway does: " + why);
    }
}
