package net.vgate.linux;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.attachment.DeviceException;

/**
 * Keeps the kernel of one namespace from forwarding between the gateway's devices in it, which would join their V-nets
 * behind the gateway's back: the nftables table {@code inet vgate}, with the devices by name. It outlives a killed
 * process, as a barrier should; gateways in the same namespace share it.
 */
final class ForwardBarrier {
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");

    /** Adding what is there changes nothing, but for the rule: so the chain is emptied first. */
    private static final String TABLE = """
            add table inet vgate
            add set inet vgate vnet_devices { type ifname; }
            add chain inet vgate forward { type filter hook forward priority 0; policy accept; }
            flush chain inet vgate forward
            add rule inet vgate forward iifname @vnet_devices oifname @vnet_devices counter drop
            """;

    private ForwardBarrier() {}

    /** Adds {@code device}, which may be about to come. */
    static void add(NetworkNamespace namespace, String device) {
        HostCommand.Result result = namespace.nft(TABLE + element("add", device));
        if (!result.isSuccess()) {
            throw new DeviceException(
                    "forwarding between V-nets of a shared namespace cannot be barred: nft: " + result.line());
        }
    }

    /** Takes away {@code device} and those that no longer exist, and the table with the last one. */
    static void remove(NetworkNamespace namespace, String device) {
        HostCommand.Result listed = namespace.nft("list set inet vgate vnet_devices\n");
        if (!listed.isSuccess()) {
            return;
        }
        Set<String> there = new HashSet<>(namespace.devices());
        there.remove(device);
        StringBuilder script = new StringBuilder();
        boolean isEmpty = true;
        for (String member : members(listed.output())) {
            if (there.contains(member)) {
                isEmpty = false;
            } else {
                script.append(element("delete", member));
            }
        }
        namespace.nft(isEmpty ? "delete table inet vgate\n" : script.toString());
    }

    private static List<String> members(String listing) {
        Matcher names = QUOTED.matcher(listing);
        return names.results().map(name -> name.group(1)).toList();
    }

    private static String element(String verb, String device) {
        return verb + " element inet vgate vnet_devices { \"" + device + "\" }\n";
    }
}
