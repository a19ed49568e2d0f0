package net.vgate.handshake;

/** Credentials that cannot be used; the message is one line that says which file and what to do. */
public final class CredentialsException extends Exception {
    private static final long serialVersionUID = 1;

    public CredentialsException(String message) {
        super(message);
    }

    public CredentialsException(String message, Throwable cause) {
        super(message, cause);
    }
}
