package net.vgate.dataplane;

import java.util.Locale;

/** Between whom a packet passed. The lower-case name is the metric's label. */
public enum TrafficDirection {
    /** From a member here to another site. */
    OUT,
    /** From another site to a member here. */
    IN,
    /** From a member here to a member here. */
    LOCAL;

    private static final int COUNT = values().length;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name as metrics, JSON and tables show it. */
    public String label() {
        return label;
    }

    /** How many directions there are. */
    public static int count() {
        return COUNT;
    }
}
