package net.vgate.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Colour, where there is somebody to see it: on a terminal, unless NO_COLOR is set. */
enum Ink {
    PLAIN(false),
    COLOUR(true);

    private static final String RESET = "\u001b[0m";

    private final boolean colour;

    Ink(boolean colour) {
        this.colour = colour;
    }

    /** What standard output takes. */
    static Ink ofStandardOutput() {
        // Not System.console(): from JDK 22 on there is one without a terminal, too.
        return ofStream(Path.of("/proc/self/fd/1"), System.getenv("NO_COLOR") != null);
    }

    static Ink ofStream(Path stream, boolean isUnwanted) {
        try {
            String target = Files.readSymbolicLink(stream).toString();
            boolean isTerminal = target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
            return isTerminal && !isUnwanted && !"dumb".equals(System.getenv("TERM")) ? COLOUR : PLAIN;
        } catch (IOException e) {
            return PLAIN;
        }
    }

    String bold(String text) {
        return paint("1", text);
    }

    String red(String text) {
        return paint("31", text);
    }

    String yellow(String text) {
        return paint("33", text);
    }

    private String paint(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + RESET : text;
    }
}
