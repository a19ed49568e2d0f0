package net.vgate.linux;

import java.util.ArrayList;
import java.util.List;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.DeviceRequest;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.TapRequest;

/** One TAP device of the host, a port of a bridge, and the request that it was configured by last. */
final class TapAttachment implements Attachment {
    private final NetworkNamespace namespace;
    private final TapDevice device;
    private TapRequest request;

    private TapAttachment(NetworkNamespace namespace, TapDevice device, TapRequest request) {
        this.namespace = namespace;
        this.device = device;
        this.request = request;
    }

    /** Makes the device, configures it, and tells the link that the gateway is there. */
    static TapAttachment make(NetworkNamespace namespace, TapRequest request, Offloads offloads, int queues) {
        request.bridge().ifPresent(bridge -> requireBridge(namespace, bridge));
        TapDevice device =
                Attachment.birth(namespace, () -> TapDevice.create(request, offloads, queues, System::nanoTime));
        TapAttachment attachment = new TapAttachment(namespace, device, request);
        try {
            attachment.configure();
            device.announce();
            return attachment;
        } catch (RuntimeException failed) {
            device.close();
            throw failed;
        }
    }

    private static void requireBridge(NetworkNamespace namespace, String bridge) {
        if (!namespace.devices().contains(bridge)) {
            throw new DeviceException("there is no bridge " + bridge + " in " + namespace.label()
                    + "; make it first, or leave out bridge and put the device where it belongs afterwards");
        }
    }

    @Override
    public TapDevice device() {
        return device;
    }

    @Override
    public TapRequest request() {
        return request;
    }

    /** The kernel itself has no part in the V-net: it has no address there, and does not ask or answer. */
    private void configure() {
        String name = request.device();
        String disableIpv6 = "net/ipv6/conf/" + name + "/disable_ipv6";
        if (namespace.setting(disableIpv6).isPresent()) {
            namespace.set(disableIpv6, "1");
        }
        List<String> commands = new ArrayList<>();
        commands.add("link set " + name + " address " + request.kernelMac() + " arp off mtu " + request.linkMtuBytes());
        request.bridge().ifPresent(bridge -> {
            commands.add("link set " + name + " master " + bridge);
            // Solicitations are multicast, and nobody joins a group for the gateway: RFC 4541 section 3.
            commands.add("link set " + name + " type bridge_slave mcast_router 2");
        });
        commands.add("link set " + name + " up");
        namespace.ip(commands);
    }

    @Override
    public void change(DeviceRequest changed) {
        TapRequest wanted = (TapRequest) changed;
        if (wanted.linkMtuBytes() != request.linkMtuBytes()) {
            namespace.ip(List.of("link set " + wanted.device() + " mtu " + wanted.linkMtuBytes()));
        }
        device.change(wanted);
        if (!wanted.addresses().equals(request.addresses())) {
            device.announce();
        }
        request = wanted;
    }
}
