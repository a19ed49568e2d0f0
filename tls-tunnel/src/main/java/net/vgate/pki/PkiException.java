package net.vgate.pki;

/** A file of keys or certificates is not what it has to be; the message says what, in one line, and names the file. */
public final class PkiException extends Exception {
    private static final long serialVersionUID = 1;

    public PkiException(String message) {
        super(message);
    }

    public PkiException(String message, Throwable cause) {
        super(message, cause);
    }
}
