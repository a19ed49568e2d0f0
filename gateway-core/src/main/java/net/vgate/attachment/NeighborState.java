package net.vgate.attachment;

import java.util.Locale;

/** How sure a neighbor's station is, by the names of RFC 4861 section 7.3.2. */
public enum NeighborState {
    /** The link is asked for it, or was, and nobody has answered. */
    INCOMPLETE,
    /** Confirmed within the last 30 seconds. */
    REACHABLE,
    /** Not confirmed for longer: the next packet has it asked. */
    STALE,
    /** Not confirmed for longer, and asked within the last second. */
    PROBE,
    /** Where the directory has the member, which was not heard from there; none of RFC 4861's. */
    WRITTEN;

    /** The name as commands and reports have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
