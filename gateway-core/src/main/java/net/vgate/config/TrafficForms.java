package net.vgate.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Forms of what is said about classes of traffic. */
final class TrafficForms {
    private static final String COPY = "copy";

    /** By the names of RFC 2474, 2597, 3246, 5865 and 8622. */
    private static final Map<String, Integer> DSCPS = dscps();

    private TrafficForms() {}

    /** A DSCP by number or name; empty for {@code copy}. */
    static Form<Optional<Integer>> outerDscp() {
        return Form.ofText("copy; or 0 to 63, or a name, as ef, af31, cs1, le", text -> {
            if (text.equals(COPY)) {
                return Form.Reading.of(Optional.empty());
            }
            Integer dscp = DSCPS.get(text);
            return dscp == null ? Form.Reading.wrong("is no DSCP") : Form.Reading.of(Optional.of(dscp));
        });
    }

    /** As the file has it. */
    static String dscpText(Optional<Integer> dscp) {
        return dscp.map(Object::toString).orElse(COPY);
    }

    private static Map<String, Integer> dscps() {
        Map<String, Integer> dscps = new HashMap<>(Map.of("le", 1, "va", 44, "ef", 46));
        for (int dscp = 0; dscp < 64; dscp++) {
            dscps.put(Integer.toString(dscp), dscp);
        }
        for (int selector = 0; selector < 8; selector++) {
            dscps.put("cs" + selector, selector << 3);
        }
        for (int group = 1; group <= 4; group++) {
            for (int precedence = 1; precedence <= 3; precedence++) {
                dscps.put("af" + group + precedence, (group << 3) | (precedence << 1));
            }
        }
        return dscps;
    }
}
