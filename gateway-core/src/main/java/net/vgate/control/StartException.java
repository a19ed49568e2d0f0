package net.vgate.control;

/** The gateway cannot start. The message is one line for a person: what, where, what to do. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
