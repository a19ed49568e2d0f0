package net.vgate.record;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a gateway is, as its certificate says in a subject alternative name of type URI: {@code vgate://SITE/GATEWAY}.
 *
 * @param site the site's name, unique among all sites
 * @param gateway the gateway's name, unique within its site
 */
public record PeerIdentity(String site, String gateway) implements Comparable<PeerIdentity> {
    /** The scheme of every identity, with its separator. */
    public static final String PREFIX = "vgate://";

    private static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
    private static final Pattern NAME_PATTERN = Pattern.compile(NAME);
    private static final Pattern URI_PATTERN = Pattern.compile(PREFIX + "(" + NAME + ")/(" + NAME + ")");

    public PeerIdentity {
        if (!isName(site) || !isName(gateway)) {
            throw new IllegalArgumentException("no names of a site and a gateway: " + site + ", " + gateway);
        }
    }

    /**
     * Whether {@code text} may name a site or a gateway: up to 63 letters, digits, and within dots, hyphens,
     * underscores.
     */
    public static boolean isName(String text) {
        return NAME_PATTERN.matcher(text).matches();
    }

    /** The identity that {@code uri} names, or empty if it is none. Case matters, nothing is normalised. */
    public static Optional<PeerIdentity> parse(String uri) {
        Matcher matcher = URI_PATTERN.matcher(uri);
        return matcher.matches() ? Optional.of(new PeerIdentity(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    /** The identity as it stands in a certificate. */
    public String uri() {
        return PREFIX + site + "/" + gateway;
    }

    @Override
    public int compareTo(PeerIdentity other) {
        return uri().compareTo(other.uri());
    }

    @Override
    public String toString() {
        return uri();
    }
}
