package net.vgate.observe;

/** Somebody asked for what there is not. The message is one line for people. */
public final class UnknownNameException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private static final int SHOWN_CHARACTERS = 60;

    /**
     * @param what is called so, as {@code V-net}
     * @param name as it was asked for
     * @param advice what there is in its place
     */
    public UnknownNameException(String what, String name, String advice) {
        super("there is no " + what + " " + quoted(name) + "; " + advice);
    }

    /** What an asker wrote, so that it cannot write a line of its own. */
    private static String quoted(String text) {
        String shown = text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "..." : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
