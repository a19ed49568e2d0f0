package net.vgate.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.DeviceHost;
import net.vgate.attachment.DeviceRequest;
import net.vgate.attachment.MemberStations;
import net.vgate.attachment.PacketDevice;
import net.vgate.attachment.TapRequest;
import net.vgate.attachment.TunRequest;
import net.vgate.attachment.VtepRequest;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Tap;
import net.vgate.config.GatewayConfig.Tun;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
import net.vgate.dataplane.DataplanePlan;
import net.vgate.dataplane.PlanReference;
import net.vgate.dataplane.Worker;
import net.vgate.encap.OuterTrafficClass;
import net.vgate.forwarding.FlowMemory;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.MemberTable;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * The V-nets' devices and tables, and the plan that is published of them.
 *
 * <p><b>Threading.</b> The conductor's thread only, and before it starts the one that wires the gateway. The workers'
 * threads run already.
 */
public final class Attachments {
    /** A worker's turn takes microseconds; one that takes longer than this hangs. */
    private static final long ADOPTION_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Time between two attempts to make a broken device anew. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** What all flow tables may take together: some two million flows. */
    private static final long FLOW_MEMORY_BYTES = 256L << 20;

    private final DeviceHost host;
    private final PlanReference plans;
    private final Function<String, MemberTable> members;
    private final List<Worker> workers;
    private final Runnable wakeWorkers;
    private final LongSupplier nanoClock;
    private final EventLog log;
    private final FlowMemory flowMemory = new FlowMemory(FLOW_MEMORY_BYTES);

    /** Under which a V-net's traffic is counted; never given to another one. */
    private final Map<String, Integer> numbers = new HashMap<>();

    /** V-nets whose devices failed, by name. */
    private final Map<String, Attached> broken = new LinkedHashMap<>();

    private Map<String, Attached> attached = new LinkedHashMap<>();
    private volatile String problem = "";
    private long retryAt;
    private long lookAt;
    private long generation;

    /**
     * A V-net that is in force.
     *
     * @param number under which its traffic is counted
     */
    record Attached(Vnet vnet, int number, DeviceRequest request, PacketDevice device, VnetTable table) {}

    /**
     * @param members those that the directory lists of a V-net
     * @param wakeWorkers has the workers look at the published plan at once
     */
    public Attachments(
            DeviceHost host,
            PlanReference plans,
            Function<String, MemberTable> members,
            List<Worker> workers,
            Runnable wakeWorkers,
            LongSupplier nanoClock,
            EventLog log) {
        this.host = host;
        this.plans = plans;
        this.members = members;
        this.workers = workers;
        this.wakeWorkers = wakeWorkers;
        this.nanoClock = nanoClock;
        this.lookAt = nanoClock.getAsLong();
        this.log = log;
    }

    /** The V-nets that are in force, by name, in the order of the configuration. */
    Map<String, Attached> attached() {
        return attached;
    }

    /** Rises by one with each published plan. */
    long generation() {
        return generation;
    }

    /** Which V-nets are without their devices, in one line; empty when all have theirs. Any thread. */
    public Optional<String> problem() {
        return Optional.of(problem).filter(text -> !text.isEmpty());
    }

    /**
     * Makes the V-nets those of {@code config}. Devices of V-nets that stay are kept, so that nothing is lost on them.
     *
     * @throws DeviceException when a device cannot be made; then the V-nets that were in force are again
     */
    void apply(GatewayConfig config, TunnelSet tunnels) {
        InnerMtu mtu = new InnerMtu(config);
        Map<String, DeviceRequest> requests = new LinkedHashMap<>();
        config.vnets().forEach(vnet -> requests.put(vnet.name(), request(vnet, mtu.of(vnet))));
        Map<String, Attached> before = new LinkedHashMap<>(attached);
        broken.forEach(before::putIfAbsent);
        detachUnless(requests, config, tunnels);
        Map<String, PacketDevice> opened = new LinkedHashMap<>();
        try {
            requests.forEach((name, request) -> openOrChange(name, request, opened));
        } catch (DeviceException failed) {
            opened.values().forEach(host::release);
            reattach(before, failed);
            throw failed;
        }
        Map<String, Attached> next = new LinkedHashMap<>();
        for (Vnet vnet : config.vnets()) {
            String name = vnet.name();
            DeviceRequest request = Objects.requireNonNull(requests.get(name));
            Attached known = attached.get(name);
            PacketDevice device = known == null ? Objects.requireNonNull(opened.get(name)) : known.device();
            next.put(name, attach(vnet, request, device, before.get(name), next.size(), config, tunnels));
        }
        broken.clear();
        describeBroken();
        publish(next, tunnels);
        before.forEach((name, one) -> {
            Attached successor = next.get(name);
            if (successor == null || successor.table().flows() != one.table().flows()) {
                one.table().flows().close();
            }
        });
    }

    private Attached attach(
            Vnet vnet,
            DeviceRequest request,
            PacketDevice device,
            @Nullable Attached predecessor,
            int index,
            GatewayConfig config,
            TunnelSet tunnels) {
        MemberTable listed = vnet.isListed() ? members.apply(vnet.name()) : null;
        device.goBy(listed == null ? MemberStations.ANY : listed);
        VnetTable table = VnetTable.builder(index, vnet)
                .peers(config.peers(), tunnels::siteNumber)
                .listed(listed)
                .innerMtu(request.mtuBytes())
                .outerDscp(config.tunnel().dscp().orElse(OuterTrafficClass.COPY))
                .workers(workers.size())
                .flowMemory(flowMemory)
                .previous(predecessor == null ? null : predecessor.table())
                .build();
        int number = numbers.computeIfAbsent(vnet.name() + "/" + vnet.vni(), unknown -> numbers.size());
        return new Attached(vnet, number, request, device, table);
    }

    private static DeviceRequest request(Vnet vnet, int mtuBytes) {
        if (vnet.attachment() instanceof Tap tap) {
            return new TapRequest(
                    tap.device(), tap.netns(), tap.bridge(), tap.addresses(), tap.mac(), mtuBytes, vnet.members());
        }
        if (vnet.attachment() instanceof Vtep vtep) {
            return new VtepRequest(
                    vtep.port(), vtep.vni(), vtep.locators(), vtep.addresses(), vtep.mac(), mtuBytes, vnet.members());
        }
        Tun tun = (Tun) vnet.attachment();
        return new TunRequest(
                tun.device(),
                tun.netns(),
                tun.ownAddresses(),
                mtuBytes,
                vnet.remote().stream()
                        .flatMap(remote -> remote.prefixes().stream())
                        .toList(),
                tun.sharedNetns());
    }

    /** Lets go of the devices that are to go, or to be made anew under what may be the same name. */
    private void detachUnless(Map<String, DeviceRequest> requests, GatewayConfig config, TunnelSet tunnels) {
        Map<String, Attached> staying = new LinkedHashMap<>();
        List<Attached> going = new ArrayList<>();
        attached.forEach((name, one) -> {
            DeviceRequest request = requests.get(name);
            if (request == null || !request.isSameDevice(one.request())) {
                going.add(one);
            } else {
                int index = staying.size();
                staying.put(name, attach(one.vnet(), one.request(), one.device(), one, index, config, tunnels));
            }
        });
        if (!going.isEmpty()) {
            publish(staying, tunnels);
            going.forEach(one -> host.release(one.device()));
        }
    }

    private void openOrChange(String name, DeviceRequest request, Map<String, PacketDevice> opened) {
        Attached known = attached.get(name);
        if (known == null) {
            opened.put(name, host.open(request));
        } else if (!known.request().equals(request)) {
            host.change(known.device(), request);
        }
    }

    /** What was in force is in force again, as far as its devices can be had; {@link #republish} publishes it. */
    private void reattach(Map<String, Attached> before, DeviceException cause) {
        Map<String, Attached> again = new LinkedHashMap<>();
        before.forEach((name, one) -> {
            try {
                PacketDevice device = one.device();
                if (broken.containsKey(name)) {
                    return;
                }
                if (attached.containsKey(name)) {
                    host.change(device, one.request());
                } else {
                    device = host.open(one.request());
                }
                again.put(name, new Attached(one.vnet(), one.number(), one.request(), device, one.table()));
            } catch (DeviceException alsoFailed) {
                cause.addSuppressed(alsoFailed);
                broken.put(name, one);
            }
        });
        describeBroken();
        attached = again;
    }

    /**
     * A device cannot be read any more, or is gone: its V-net is taken out, so that no other suffers, until it can be
     * made anew; all of them where several share it.
     */
    void failed(PacketDevice source, DeviceException cause, GatewayConfig config, TunnelSet tunnels) {
        List<Attached> failed = attached.values().stream()
                .filter(one -> one.device().source() == source)
                .toList();
        if (failed.isEmpty()) {
            return;
        }
        for (Attached one : failed) {
            String name = one.vnet().name();
            log.report(new Event.DeviceFailed(name, source.name(), String.valueOf(cause.getMessage())));
            broken.put(name, one);
            attached.remove(name);
        }
        describeBroken();
        republish(config, tunnels);
        failed.forEach(one -> host.release(one.device()));
        retryAt = nanoClock.getAsLong();
    }

    /** Looks for devices that are gone, and tries to make broken ones anew, now and then. */
    void tick(GatewayConfig config, TunnelSet tunnels, long nowNanos) {
        if (nowNanos - lookAt >= 0) {
            lookAt = nowNanos + RETRY_NANOS;
            attached.values().stream()
                    .map(one -> one.device().source())
                    .distinct()
                    .filter(PacketDevice::isGone)
                    .toList()
                    .forEach(gone -> failed(gone, new DeviceException("its interface is gone"), config, tunnels));
        }
        if (broken.isEmpty() || nowNanos - retryAt < 0) {
            return;
        }
        retryAt = nowNanos + RETRY_NANOS;
        for (Attached one : List.copyOf(broken.values())) {
            String name = one.vnet().name();
            try {
                PacketDevice device = host.open(one.request());
                broken.remove(name);
                describeBroken();
                attached.put(name, new Attached(one.vnet(), one.number(), one.request(), device, one.table()));
                republish(config, tunnels);
            } catch (DeviceException notYet) {
                log.report(new Event.DeviceFailed(name, one.request().device(), String.valueOf(notYet.getMessage())));
            }
        }
    }

    private void describeBroken() {
        problem = broken.isEmpty()
                ? ""
                : "no device for V-net " + String.join(", ", broken.keySet()) + "; device_failed in the log says why";
    }

    /** Publishes what is in force once more, for {@code config} and its tunnels. */
    void republish(GatewayConfig config, TunnelSet tunnels) {
        Map<String, Attached> next = new LinkedHashMap<>();
        attached.forEach((name, one) ->
                next.put(name, attach(one.vnet(), one.request(), one.device(), one, next.size(), config, tunnels)));
        publish(next, tunnels);
    }

    /** Publishes a plan of {@code next}, and returns when the workers go by it. */
    private void publish(Map<String, Attached> next, TunnelSet tunnels) {
        generation++;
        attached = next;
        List<Attached> all = List.copyOf(next.values());
        ForwardingSnapshot snapshot = new ForwardingSnapshot(
                generation, all.stream().map(Attached::table).toList(), tunnels.bySite());
        plans.publish(new DataplanePlan(
                snapshot,
                all.stream().map(Attached::device).toList(),
                all.stream().mapToInt(Attached::number).toArray(),
                tunnels.siteNumbers()));
        wakeWorkers.run();
        awaitAdoption();
    }

    private void awaitAdoption() {
        long deadline = nanoClock.getAsLong() + ADOPTION_NANOS;
        for (Worker worker : workers) {
            while (worker.isRunning() && worker.adoptedGeneration() != generation) {
                if (nanoClock.getAsLong() - deadline > 0) {
                    throw new DeviceException("worker " + worker.number() + " does not take up a new plan: it hangs");
                }
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        }
    }
}
