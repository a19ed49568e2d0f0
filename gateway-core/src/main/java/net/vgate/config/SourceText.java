package net.vgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a file as text: bounded, and UTF-8 or nothing. */
final class SourceText {
    /** Room for twenty thousand V-nets; more is no configuration that someone wrote. */
    static final int MAX_BYTES = 16 << 20;

    private static final int BYTE_ORDER_MARK = 0xfeff;

    private SourceText() {}

    /** The file's bytes, or empty after having said why not. */
    static Optional<byte[]> read(Path file, Problems problems) {
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                problems.error(Spot.FILE, "there is no such file", "");
                return Optional.empty();
            }
            if (Files.isDirectory(file)) {
                problems.error(Spot.FILE, "is a folder", "name the file in it");
                return Optional.empty();
            }
            return bounded(file, problems);
        } catch (NoSuchFileException dangling) {
            problems.error(Spot.FILE, "is a link to a file that does not exist", "");
        } catch (IOException unreadable) {
            problems.error(Spot.FILE, "cannot be read", reason(unreadable));
        }
        return Optional.empty();
    }

    private static Optional<byte[]> bounded(Path file, Problems problems) throws IOException {
        // Not trusted to say its size: a device has none.
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                problems.error(Spot.FILE, "is larger than " + (MAX_BYTES >> 20) + " MiB", "this is no configuration");
                return Optional.empty();
            }
            return Optional.of(bytes);
        }
    }

    /** The text that the bytes write, without a byte order mark, or empty after having said why not. */
    static Optional<String> decode(byte[] bytes, Problems problems) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        if (result.isError()) {
            problems.error(lastPlace(out), notUtf8(bytes, in.position()), "save the file as UTF-8");
            return Optional.empty();
        }
        if (out.remaining() > 0 && out.get(0) == BYTE_ORDER_MARK) {
            out.get();
        }
        String text = out.toString();
        if (text.isBlank()) {
            problems.error(Spot.FILE, "is empty", "config-samples has files to start from");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    /** What an exception of the file system has to say, in one line. */
    static String reason(IOException e) {
        String name = e.getClass().getSimpleName().replace("Exception", "");
        return switch (name) {
            case "AccessDenied" -> "permission denied";
            case "NoSuchFile" -> "there is no such file";
            case "IO" -> e.getMessage() == null ? "input/output error" : e.getMessage();
            default -> e.getMessage() == null ? name : name + ": " + e.getMessage();
        };
    }

    private static String notUtf8(byte[] bytes, int at) {
        boolean utf16 = bytes.length > 1 && (bytes[0] & bytes[1] & 0xff) >= 0xfe && bytes[0] != bytes[1];
        return utf16 ? "is UTF-16" : "is not UTF-8: there is a byte 0x%02x".formatted(bytes[at] & 0xff);
    }

    private static Spot lastPlace(CharBuffer text) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < text.length(); i++) {
            boolean isEnd = text.charAt(i) == '\n';
            line += isEnd ? 1 : 0;
            column = isEnd ? 1 : column + 1;
        }
        return new Spot(line, column, "");
    }
}
