package net.vgate.linux;

import net.vgate.attachment.DeviceRequest;
import net.vgate.attachment.VtepRequest;

/** One V-net's part of a VTEP port, and the request that it was configured by last. */
final class VtepAttachment implements Attachment {
    private final VtepPort port;
    private final VtepDevice device;
    private VtepRequest request;

    private VtepAttachment(VtepPort port, VtepDevice device, VtepRequest request) {
        this.port = port;
        this.device = device;
        this.request = request;
    }

    /** Takes the V-net into the port, and tells its link that the gateway is there. */
    static VtepAttachment make(VtepPort port, VtepRequest request) {
        VtepDevice device = port.add(request);
        device.announce();
        return new VtepAttachment(port, device, request);
    }

    @Override
    public VtepDevice device() {
        return device;
    }

    @Override
    public VtepRequest request() {
        return request;
    }

    @Override
    public void change(DeviceRequest changed) {
        VtepRequest wanted = (VtepRequest) changed;
        if (wanted.mtuBytes() > request.mtuBytes()) {
            port.requireMtu(wanted.mtuBytes());
        }
        device.link().change(wanted);
        if (!wanted.addresses().equals(request.addresses())
                || !wanted.locators().equals(request.locators())) {
            device.announce();
        }
        request = wanted;
    }
}
