package net.vgate.handshake;

/** A handshake of the process with itself does not work, so none with a peer would. The message is one line. */
public final class SelfTestException extends Exception {
    private static final long serialVersionUID = 1;

    public SelfTestException(String message) {
        super(message);
    }
}
