package net.vgate.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerParserFuzzTest {
    @FuzzTest
    void readsAWholeAnswerOrSaysThatItIsNone(byte[] bytes) {
        try {
            Response response = AnswerParser.parse(bytes);
            assertTrue(response.status() >= 0 && response.status() <= 999);
            assertTrue(response.body().length < bytes.length);
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("what listens there"), e::toString);
        }
    }

    @Test
    void readsAnAnswer() throws IOException {
        Response response = parse("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 2\r\n\r\nok");
        assertEquals(200, response.status());
        assertEquals("text/plain", response.contentType());
        assertEquals("ok", response.bodyText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nok",
                "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nok",
                "HTTP/1.1 2x0 OK\r\ncontent-length: 2\r\n\r\nok",
                "SSH-2.0-OpenSSH\r\ncontent-length: 0\r\n\r\n"
            })
    void refusesWhatIsNone(String text) {
        assertThrows(IOException.class, () -> parse(text));
    }

    private static Response parse(String text) throws IOException {
        return AnswerParser.parse(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
