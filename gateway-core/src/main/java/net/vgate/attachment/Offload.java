package net.vgate.attachment;

/**
 * Whether one of the kernel's off-loads is in use, and if not, why.
 *
 * @param reason empty while it is on
 */
public record Offload(boolean isOn, String reason) {
    public static final Offload ON = new Offload(true, "");

    /** The configuration says so. */
    public static final Offload SWITCHED_OFF = new Offload(false, "switched off");

    /** The kernel did not take it, at start or later. */
    public static Offload refused(String how) {
        return new Offload(false, "refused: " + how);
    }

    @Override
    public String toString() {
        return isOn ? "on" : "off, " + reason;
    }
}
