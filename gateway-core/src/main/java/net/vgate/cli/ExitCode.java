package net.vgate.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a verb's exit code says. */
public final class ExitCode {
    /** Done. */
    public static final int OK = 0;

    /** It was tried and did not work. */
    public static final int FAILURE = 1;

    /** The command line or the configuration is wrong; nothing was tried. */
    public static final int USAGE = 2;

    /** The gateway cannot start: a device, an address, or a right that it needs is not to be had. */
    public static final int CANNOT_START = 3;

    /** No gateway answers at the control socket. */
    public static final int NOT_RUNNING = 4;

    private ExitCode() {}

    /** The same for people, below each verb's help. */
    static Map<String, String> list() {
        Map<String, String> list = new LinkedHashMap<>();
        list.put(" " + OK, "done");
        list.put(" " + FAILURE, "tried and failed");
        list.put(" " + USAGE, "the command line or a configuration is wrong");
        list.put(" " + CANNOT_START, "the gateway cannot start");
        list.put(" " + NOT_RUNNING, "no gateway answers at the control socket");
        return list;
    }
}
