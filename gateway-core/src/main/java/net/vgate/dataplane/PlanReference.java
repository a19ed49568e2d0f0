package net.vgate.dataplane;

/** The published {@link DataplanePlan}. One writer (the conductor), any number of readers. */
public final class PlanReference {
    private volatile DataplanePlan current = DataplanePlan.EMPTY;

    /** Read once a turn, so that one turn forwards by one table. */
    public DataplanePlan current() {
        return current;
    }

    /** Makes {@code next} the plan; workers take it up at their next turn. */
    public void publish(DataplanePlan next) {
        current = next;
    }
}
