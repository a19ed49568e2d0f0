package net.vgate.linux;

import java.util.Optional;
import java.util.concurrent.Callable;
import net.vgate.attachment.DeviceRequest;
import net.vgate.attachment.PacketDevice;

/** One device of the host, and the request that it was configured by last. */
sealed interface Attachment permits TunAttachment, TapAttachment, VtepAttachment {
    PacketDevice device();

    DeviceRequest request();

    /** Gives the device what {@code wanted} says, as far as it differs from what it has. It is the same device. */
    void change(DeviceRequest wanted);

    /**
     * Makes a device while new ones are born as hosts: a router's device would join the group of all routers, and tell
     * so (RFC 4861 section 6.2.2, RFC 3810), and cannot unlearn it quietly. What is forwarded is decided by the
     * namespace as a whole.
     */
    static <T extends KernelDevice> T birth(NetworkNamespace namespace, Callable<T> create) {
        String forwarding = "net/ipv6/conf/default/forwarding";
        Optional<String> former = namespace.setting(forwarding).filter(value -> !value.equals("0"));
        try {
            former.ifPresent(value -> namespace.set(forwarding, "0"));
            return namespace.call(create);
        } finally {
            former.ifPresent(value -> namespace.set(forwarding, value));
        }
    }
}
