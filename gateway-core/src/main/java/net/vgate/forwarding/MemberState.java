package net.vgate.forwarding;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How far a member of a V-net is. */
public enum MemberState {
    /** Announced, and not there yet: known to everyone, and nothing is delivered to it or taken from it. */
    EXPECTED(2),
    /** There. */
    JOINED(3);

    private final byte code;

    MemberState(int code) {
        this.code = (byte) code;
    }

    /** As {@link MemberTable} keeps it. */
    byte code() {
        return code;
    }

    /** The name as files, commands and reports have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The state with that label; empty when there is none. */
    public static Optional<MemberState> of(String label) {
        return Stream.of(values()).filter(state -> state.label().equals(label)).findFirst();
    }
}
