package net.vgate.dataplane;

import net.vgate.forwarding.VnetTable;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.translate.IcmpError;
import net.vgate.translate.TokenBucket;
import org.jspecify.annotations.Nullable;

/**
 * ICMP errors for members, from the gateway's own address in their V-net, at a bounded rate for each V-net (RFC 1812
 * section 4.3.2.8, RFC 4443 section 2.4 f). They are collected and delivered together.
 */
final class MemberErrors {
    /** As many errors as a burst may bring, and a second: RFC 4443 leaves the figures to us and gives 10 as example. */
    private static final int ERRORS_PER_SECOND = 100;

    private static final int MAX_ERROR_BYTES = 1_500;

    private final PacketBatch errors;
    private final Delivery delivery;
    private TokenBucket[] budgets = {};

    MemberErrors(int capacity, int worker) {
        this.errors = new PacketBatch(capacity, MAX_ERROR_BYTES);
        this.delivery = new Delivery(capacity, worker);
    }

    /** Makes room for the V-nets of a new plan. */
    void adopt(DataplanePlan plan, long nowNanos) {
        if (budgets.length != plan.forwarding().vnetCount()) {
            budgets = new TokenBucket[plan.forwarding().vnetCount()];
            for (int vnet = 0; vnet < budgets.length; vnet++) {
                budgets[vnet] = new TokenBucket(ERRORS_PER_SECOND, ERRORS_PER_SECOND, nowNanos);
            }
        }
    }

    /** The sender's packet exceeds {@code mtu} bytes. */
    void tooBig(PacketBatch batch, int slot, VnetTable vnet, int mtu, long nowNanos) {
        IpAddress gateway = takeGateway(batch, slot, vnet, nowNanos);
        if (gateway != null) {
            add(batch, slot, IcmpError.packetTooBig(batch, slot, errors, gateway.hi(), gateway.lo(), mtu));
        }
    }

    /** The sender's packet has no hops left. */
    void timeExceeded(PacketBatch batch, int slot, VnetTable vnet, long nowNanos) {
        IpAddress gateway = takeGateway(batch, slot, vnet, nowNanos);
        if (gateway != null) {
            add(batch, slot, IcmpError.timeExceeded(batch, slot, errors, gateway.hi(), gateway.lo()));
        }
    }

    /** From whom the error comes; null when there is to be none. */
    private @Nullable IpAddress takeGateway(PacketBatch batch, int slot, VnetTable vnet, long nowNanos) {
        IpAddress gateway = vnet.gatewayAddress(batch.inner().version(slot));
        boolean mayTell = gateway != null && errors.remaining() > 0 && budgets[batch.vnet(slot)].take(nowNanos);
        return mayTell ? gateway : null;
    }

    private void add(PacketBatch batch, int slot, int error) {
        if (error != IcmpError.NONE) {
            errors.setVnet(error, batch.vnet(slot));
        }
    }

    /** Delivers what there is. */
    void deliver(DataplanePlan plan) {
        if (errors.size() > 0) {
            delivery.deliver(errors, plan);
            errors.clear();
        }
    }
}
