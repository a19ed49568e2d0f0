package net.vgate.linux;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A namespace in which the host has devices: what was set in it for their sake, and what it was before. */
final class HostedNamespace {
    /** So that members behind other devices of the namespace reach the V-net's, and are reached. */
    private static final List<String> FORWARDING = List.of("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding");

    private final NetworkNamespace namespace;
    private final List<Attachment> attachments = new ArrayList<>();
    private final Map<String, String> formerSettings = new LinkedHashMap<>();

    HostedNamespace(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    /** The gateway's devices in it. */
    List<Attachment> attachments() {
        return attachments;
    }

    /** Makes a named namespace a router. In the gateway's own, that is for whoever runs the machine to decide. */
    void prepare() {
        if (namespace.name().isEmpty()) {
            return;
        }
        namespace.ip(List.of("link set lo up"));
        for (String key : FORWARDING) {
            namespace.setting(key).filter(value -> !value.equals("1")).ifPresent(value -> {
                formerSettings.putIfAbsent(key, value);
                namespace.set(key, "1");
            });
        }
    }

    /** Gives back what {@link #prepare} has changed. */
    void restore() {
        formerSettings.forEach(namespace::set);
        formerSettings.clear();
    }
}
