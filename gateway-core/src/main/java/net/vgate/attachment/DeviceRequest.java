package net.vgate.attachment;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import net.vgate.packet.Prefix;

/** A device as a V-net wants it. Plain values only, so that it can be handed to another process. */
public sealed interface DeviceRequest permits TunRequest, TapRequest, VtepRequest {
    /** The interface's name, 1 to 15 characters. */
    String device();

    /** Name of the network namespace, made when it is missing; empty is the gateway's own. */
    Optional<String> netns();

    /** The largest inner IP packet. */
    int mtuBytes();

    /** Prefixes that the namespace's kernel is to route to the device. */
    List<Prefix> routes();

    /** The device and where it is, as messages name it. */
    String label();

    /** Whether a device that was made for {@code former} can be changed to this without making it anew. */
    boolean isSameDevice(DeviceRequest former);

    /**
     * Requires names that the system takes.
     *
     * @throws DeviceException that says which one it does not
     */
    static void requireNames(String kind, String device, Optional<String> netns) {
        if (!Pattern.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", device)) {
            throw new DeviceException(kind + " device " + device
                    + ": a name is 1 to 15 letters, digits, '_', '.' and '-', and begins with a letter, digit or '_'");
        }
        netns.filter(name -> !Pattern.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", name))
                .ifPresent(name -> {
                    throw new DeviceException(kind + " device " + device + ": network namespace " + name
                            + ": a name is letters, digits, '_', '.' and '-', and begins with a letter, digit or '_'");
                });
    }

    /** As messages name a device. */
    static String label(String kind, String device, Optional<String> netns) {
        return kind + " device " + device
                + netns.map(name -> " in network namespace " + name).orElse("");
    }
}
