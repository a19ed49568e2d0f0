package net.vgate.handshake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The blocks of a PEM file, RFC 7468; text around them is skipped. */
final class Pem {
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]+?)\\s*-----END \\1-----");

    private final String label;
    private final byte[] content;

    private Pem(String label, byte[] content) {
        this.label = label;
        this.content = content;
    }

    /** What the block says that it holds. */
    String label() {
        return label;
    }

    byte[] content() {
        return content;
    }

    static List<Pem> read(Path file) throws CredentialsException {
        String text;
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new CredentialsException(file + ": larger than a PEM file is");
            }
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new CredentialsException(file + ": no such file", e);
        } catch (IOException e) {
            throw new CredentialsException(file + ": cannot be read: " + e.getMessage(), e);
        }
        List<Pem> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            try {
                blocks.add(new Pem(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new CredentialsException(file + ": a " + matcher.group(1) + " is not base 64", e);
            }
        }
        return blocks;
    }

    /** Not the content, which may be a key. */
    @Override
    public String toString() {
        return "Pem " + label;
    }
}
