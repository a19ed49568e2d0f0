package net.vgate.dataplane;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** When a thread last came around its loop. That thread alone beats, any thread reads. */
public final class Heartbeat {
    private static final VarHandle LAST;

    static {
        try {
            LAST = MethodHandles.lookup().findVarHandle(Heartbeat.class, "lastNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;

    @SuppressWarnings({"FieldMayBeFinal", "unused"}) // written through LAST
    private long lastNanos;

    /**
     * @param name the thread's, as health shows it
     * @param nowNanos from {@link System#nanoTime}
     */
    public Heartbeat(String name, long nowNanos) {
        this.name = name;
        lastNanos = nowNanos;
    }

    /** The thread's name, as health shows it. */
    public String name() {
        return name;
    }

    /** Once around the loop. */
    public void beat(long nowNanos) {
        LAST.setOpaque(this, nowNanos);
    }

    /** How long ago the last beat was, in nanoseconds. */
    public long ageNanos(long nowNanos) {
        return nowNanos - (long) LAST.getOpaque(this);
    }
}
