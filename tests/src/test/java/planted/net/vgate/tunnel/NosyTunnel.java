package planted.net.vgate.tunnel;

import planted.net.vgate.forwarding.ForwardingUtil;

/** Planted: a tunnel that knows the gateway. */
final class NosyTunnel {
    private NosyTunnel() {}

    static int prefixes() {
        return ForwardingUtil.prefixes();
    }
}
