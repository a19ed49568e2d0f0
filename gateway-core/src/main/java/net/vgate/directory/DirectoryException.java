package net.vgate.directory;

/** The directory's file cannot be used; the message is one line that says which, why and what to do. */
public final class DirectoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public DirectoryException(String message) {
        super(message);
    }

    public DirectoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
