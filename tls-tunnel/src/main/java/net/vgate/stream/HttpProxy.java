package net.vgate.stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/**
 * An HTTP proxy that streams go through, by CONNECT (RFC 9110 section 9.3.6).
 *
 * @param host name or address
 * @param credentials file with one line {@code USER:PASSWORD} for Basic authentication (RFC 7617); read for each
 *     connection, so that a change counts at once
 */
public record HttpProxy(String host, int port, Optional<Path> credentials) {
    private static final int MAX_CREDENTIALS_BYTES = 4_096;

    /** Value of the header Proxy-Authorization; empty without credentials. */
    Optional<String> authorization() throws IOException {
        if (credentials.isEmpty()) {
            return Optional.empty();
        }
        Path file = credentials.get();
        if (Files.size(file) > MAX_CREDENTIALS_BYTES) {
            throw new IOException(file + " is too large for a line USER:PASSWORD");
        }
        String line = Files.readString(file, StandardCharsets.UTF_8).strip();
        if (line.indexOf(':') < 1 || line.lines().count() != 1) {
            throw new IOException(file + " is not one line USER:PASSWORD");
        }
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(line.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
        return StreamTarget.text(host, port);
    }
}
