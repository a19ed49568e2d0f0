package net.vgate.handshake;

/** What the process tried with itself does not work, so it would not with a peer. The message is one line. */
public final class SelfTestException extends Exception {
    private static final long serialVersionUID = 1;

    public SelfTestException(String message) {
        super(message);
    }
}
