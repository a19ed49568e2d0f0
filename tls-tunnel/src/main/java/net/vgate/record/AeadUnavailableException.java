package net.vgate.record;

/** A provider of AES-GCM cannot be used on this machine. The message says why. */
public final class AeadUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    public AeadUnavailableException(String reason) {
        super(reason);
    }

    public AeadUnavailableException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
