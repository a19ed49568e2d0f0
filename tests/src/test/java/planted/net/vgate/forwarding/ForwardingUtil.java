package planted.net.vgate.forwarding;

/** Planted: a name that says nothing. */
public final class ForwardingUtil {
    private ForwardingUtil() {}

    /** None. */
    public static int prefixes() {
        return 0;
    }
}
