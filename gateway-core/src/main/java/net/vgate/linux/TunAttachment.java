package net.vgate.linux;

import java.util.ArrayList;
import java.util.List;
import net.vgate.attachment.DeviceRequest;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.TunRequest;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/** One TUN device of the host, and the request that it was configured by last. */
final class TunAttachment implements Attachment {
    private final NetworkNamespace namespace;
    private final TunDevice device;
    private TunRequest request;

    private TunAttachment(NetworkNamespace namespace, TunDevice device, TunRequest request) {
        this.namespace = namespace;
        this.device = device;
        this.request = request;
    }

    /** Makes the device and configures it. */
    static TunAttachment make(NetworkNamespace namespace, TunRequest request, Offloads offloads, int queues) {
        TunDevice device = Attachment.birth(namespace, () -> TunDevice.create(request.device(), offloads, queues));
        TunAttachment attachment = new TunAttachment(namespace, device, request);
        try {
            attachment.quieten(request);
            attachment.configure(request);
            return attachment;
        } catch (RuntimeException failed) {
            device.close();
            throw failed;
        }
    }

    @Override
    public TunDevice device() {
        return device;
    }

    @Override
    public TunRequest request() {
        return request;
    }

    /** Keeps the kernel from sending anything of its own into the V-net, and lets answers come from where they may. */
    private void quieten(TunRequest wanted) {
        String name = wanted.device();
        // Strict filtering drops what takes another way back than it came, RFC 3704 section 2.4.
        namespace.set("net/ipv4/conf/" + name + "/rp_filter", "2");
        // The gateway's own errors come from the device's own address, which the kernel takes for a forgery otherwise.
        namespace.set("net/ipv4/conf/" + name + "/accept_local", "1");
        String ipv6 = "net/ipv6/conf/" + name;
        if (namespace.setting(ipv6 + "/disable_ipv6").isEmpty()) {
            // The kernel has no IPv6.
            return;
        }
        namespace.set(ipv6 + "/addr_gen_mode", "1");
        namespace.set(ipv6 + "/accept_ra", "0");
        namespace.set(ipv6 + "/disable_ipv6", wanted.hasIpv6() ? "0" : "1");
    }

    private void configure(TunRequest wanted) {
        List<String> commands = new ArrayList<>();
        wanted.addresses().forEach(address -> commands.add(addAddress(wanted, address)));
        commands.add("link set " + wanted.device() + " mtu " + wanted.mtuBytes() + " up");
        wanted.routes().forEach(prefix -> commands.add(putRoute(wanted, prefix)));
        namespace.ip(commands);
    }

    @Override
    public void change(DeviceRequest changed) {
        TunRequest wanted = (TunRequest) changed;
        if (wanted.hasIpv6() != request.hasIpv6()) {
            quieten(wanted);
        }
        namespace.ip(additions(wanted));
        namespace.ipEach(removals(wanted));
        request = wanted;
    }

    private List<String> additions(TunRequest wanted) {
        List<String> commands = new ArrayList<>();
        // "replace" and not "add", so that a change that failed half-way can be asked for again.
        wanted.addresses().stream()
                .filter(address -> !request.addresses().contains(address))
                .forEach(address -> commands.add(addAddress(wanted, address)));
        if (wanted.mtuBytes() != request.mtuBytes()) {
            commands.add("link set " + wanted.device() + " mtu " + wanted.mtuBytes());
        }
        boolean isSourceNew = !wanted.addresses().equals(request.addresses());
        wanted.routes().stream()
                .filter(prefix -> isSourceNew || !request.routes().contains(prefix))
                .forEach(prefix -> commands.add(putRoute(wanted, prefix)));
        return commands;
    }

    private List<String> removals(TunRequest wanted) {
        List<String> commands = new ArrayList<>();
        request.routes().stream()
                .filter(prefix -> !wanted.routes().contains(prefix))
                .forEach(prefix -> commands.add("route del " + prefix + " dev " + wanted.device()));
        request.addresses().stream()
                .filter(address -> !wanted.addresses().contains(address))
                .forEach(address -> commands.add("addr del " + host(address) + " dev " + wanted.device()));
        return commands;
    }

    private static String addAddress(TunRequest wanted, IpAddress address) {
        // Nobody answers on a TUN device, so an address there is no duplicate: RFC 4862 section 5.4.
        String options = address.isIpv4() ? "" : " nodad";
        return "addr replace " + host(address) + " dev " + wanted.device() + options;
    }

    private static String putRoute(TunRequest wanted, Prefix prefix) {
        String source = wanted.addresses().stream()
                .filter(address -> address.isIpv4() == prefix.network().isIpv4())
                .findFirst()
                .map(address -> " src " + address)
                .orElse("");
        return "route replace " + prefix + " dev " + wanted.device() + source + " proto " + GuardRoutes.PROTOCOL;
    }

    private static String host(IpAddress address) {
        return address + "/" + address.bits();
    }
}
