package net.vgate.config;

/** What it costs to change a key of a gateway that runs. Ordered by how much. */
public enum Effect {
    /** Taken over by a reload; traffic that the change does not touch loses no packet. */
    LIVE("reload"),
    /** Taken over by a reload, which makes the V-net's device anew: the V-net pauses, others do not. */
    DEVICE("reload, the V-net pauses"),
    /** Only a restart takes it over; a reload with it is refused. */
    RESTART("restart");

    private final String label;

    Effect(String label) {
        this.label = label;
    }

    /** As people read it. */
    public String label() {
        return label;
    }
}
