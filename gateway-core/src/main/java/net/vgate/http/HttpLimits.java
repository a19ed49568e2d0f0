package net.vgate.http;

import java.time.Duration;

/**
 * What a server bears.
 *
 * @param connections open at once; more are answered 503 and closed
 * @param requestLineBytes longest request line; a longer one is answered 414
 * @param headerBytes longest header section; a longer one is answered 431
 * @param bodyBytes longest request body; a longer one is answered 413
 * @param patience how long a peer may take to send a whole request, to take an answer, and to be idle between the two
 */
public record HttpLimits(int connections, int requestLineBytes, int headerBytes, int bodyBytes, Duration patience) {
    /** Plenty for scrapers and people, and little for anybody else. */
    public static final HttpLimits DEFAULT = new HttpLimits(64, 4_096, 8_192, 65_536, Duration.ofSeconds(30));

    /** For those who run the gateway, and who send it lists. */
    public static final HttpLimits ADMIN = new HttpLimits(64, 4_096, 8_192, 1 << 20, Duration.ofSeconds(30));
}
