package net.vgate.config;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.config.GatewayConfig.PortRange;

/** Forms of what only policy rules have. */
final class PolicyForms {
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ICMPV6 = 58;

    private static final Map<String, Optional<Integer>> PROTOCOLS = new TreeMap<>(Map.of(
            "any", Optional.empty(),
            "icmp", Optional.of(ICMP),
            "tcp", Optional.of(TCP),
            "udp", Optional.of(UDP),
            "icmpv6", Optional.of(ICMPV6)));

    private static final Pattern NUMBER = Pattern.compile("\\d{1,3}");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    private PolicyForms() {}

    /** IANA's number of a protocol; empty is any. */
    static Form<Optional<Integer>> protocol() {
        return Form.ofText(
                "tcp, udp, icmp, icmpv6, any, or a protocol's number from 0 to 255", PolicyForms::readProtocol);
    }

    /** IANA's number of one protocol. */
    static Form<Integer> oneProtocol() {
        return Form.ofText("tcp, udp, icmp, icmpv6, or a protocol's number from 0 to 255", text -> {
            Form.Reading<Optional<Integer>> reading = readProtocol(text);
            return reading.value().equals(Optional.of(Optional.empty()))
                    ? Form.Reading.wrong("is no single protocol")
                    : reading.map(Optional::orElseThrow);
        });
    }

    private static Form.Reading<Optional<Integer>> readProtocol(String text) {
        Optional<Integer> known = PROTOCOLS.get(text);
        if (known != null) {
            return Form.Reading.of(known);
        }
        boolean isNumber = NUMBER.matcher(text).matches() && Integer.parseInt(text) <= 255;
        return isNumber ? Form.Reading.of(Optional.of(Integer.parseInt(text))) : Form.Reading.wrong("is no protocol");
    }

    /** One port, or several. */
    static Form<PortRange> ports() {
        return Form.ofText("a port from 1 to 65535, or a range, as 8000-8010", text -> {
            Matcher matcher = RANGE.matcher(text);
            if (!matcher.matches()) {
                return Form.Reading.wrong("is no port");
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            if (first < 1 || first > 65_535 || last < 1 || last > 65_535) {
                return Form.Reading.wrong("is no port");
            }
            return last < first
                    ? Form.Reading.wrong("ends before it begins", "write " + last + "-" + first)
                    : Form.Reading.of(new PortRange(first, last));
        });
    }

    /** Whether a protocol has ports that policy knows of. */
    static boolean hasPorts(int protocol) {
        return protocol == TCP || protocol == UDP;
    }

    /** Whether {@code protocol} is the ICMP of the other family. */
    static boolean isIcmpOfOther(int protocol, boolean isIpv4) {
        return protocol == (isIpv4 ? ICMPV6 : ICMP);
    }

    /** The name by which rules call a protocol, or its number. */
    static String text(Optional<Integer> protocol) {
        return PROTOCOLS.entrySet().stream()
                .filter(entry -> entry.getValue().equals(protocol))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> protocol.map(Object::toString).orElse("any"));
    }
}
