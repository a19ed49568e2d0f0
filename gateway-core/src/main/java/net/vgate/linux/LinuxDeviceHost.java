package net.vgate.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.DeviceHost;
import net.vgate.attachment.DeviceRequest;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.PacketDevice;
import net.vgate.attachment.TapRequest;
import net.vgate.attachment.TunRequest;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.attachment.VtepRequest;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * The device host of a process that is root on Linux: TUN and TAP devices by their own interface, all else by iproute2
 * and, where V-nets share a namespace, nftables.
 *
 * <p>With a TUN, a named namespace becomes a router for both families, so that members behind other devices in it reach
 * the V-net's; one that the host has not made gets its former settings back. The gateway's own namespace is not made
 * one, and no namespace for the sake of TAPs.
 */
public final class LinuxDeviceHost implements DeviceHost {
    private final RuntimeFolder folder;
    private final Offloads offloads;
    private final int queues;
    private final OwnNamespaces ownNamespaces;
    private final GuardRoutes guards;
    private final Map<NetworkNamespace, HostedNamespace> hosted = new LinkedHashMap<>();

    /** Guarded by itself, as are the drops of ports that are not in it any more. */
    private final Map<VtepEndpoint, VtepPort> vtepPorts = new HashMap<>();

    private long formerDrops;
    private boolean isClosed;

    private LinuxDeviceHost(RuntimeFolder folder, Offloads offloads, int queues) {
        this.folder = folder;
        this.offloads = offloads;
        this.queues = queues;
        this.ownNamespaces = new OwnNamespaces(folder);
        this.guards = new GuardRoutes(folder);
    }

    /**
     * A host that remembers in {@code runtimeFolder}, which it has for itself and makes when it is missing, what a
     * later one must know. Its devices have those of {@code offloads} that the kernel has, and a queue for each worker.
     * The folder should be on a file system that a reboot empties, such as below /run.
     *
     * @throws DeviceException when the process is not root or another one has the folder
     */
    public static LinuxDeviceHost in(Path runtimeFolder, Offloads offloads, int queues) {
        if (LibC.geteuid() != 0) {
            throw new DeviceException("TUN and TAP devices and network namespaces need root; run as root");
        }
        return new LinuxDeviceHost(RuntimeFolder.take(runtimeFolder), offloads, queues);
    }

    @Override
    public synchronized PacketDevice open(DeviceRequest request) {
        if (isClosed) {
            throw new DeviceException(request.label() + ": the device host is closed");
        }
        NetworkNamespace namespace = new NetworkNamespace(request.netns());
        if (namespace.isOwnByName()) {
            throw new DeviceException(request.label() + ": " + namespace.label()
                    + " is the one that the gateway runs in; write \"netns: gateway\", and its routes are checked");
        }
        HostedNamespace place = hosted.computeIfAbsent(namespace, HostedNamespace::new);
        List<Prefix> newGuards = new ArrayList<>(request.routes());
        newGuards.removeIf(prefix -> guards.has(namespace, prefix));
        try {
            requireShared(place, request);
            ownNamespaces.ensure(namespace);
            Attachment attachment = make(place, request);
            place.attachments().add(attachment);
            return attachment.device();
        } catch (RuntimeException failed) {
            undoOpen(place, request, newGuards, failed);
            throw explained(request, failed);
        }
    }

    private Attachment make(HostedNamespace place, DeviceRequest request) {
        if (request instanceof TapRequest tap) {
            return TapAttachment.make(place.namespace(), tap, offloads, queues);
        }
        if (request instanceof VtepRequest vtep) {
            return makeVtep(vtep);
        }
        TunRequest tun = (TunRequest) request;
        place.prepare();
        guards.install(place.namespace(), tun.routes());
        if (tun.sharedNetns()) {
            ForwardBarrier.add(place.namespace(), tun.device());
        }
        return TunAttachment.make(place.namespace(), tun, offloads, queues);
    }

    private Attachment makeVtep(VtepRequest request) {
        VtepPort known = openPort(request.port());
        VtepPort port = known == null ? VtepPort.open(request.port(), offloads, queues, System::nanoTime) : known;
        try {
            Attachment attachment = VtepAttachment.make(port, request);
            synchronized (vtepPorts) {
                vtepPorts.put(request.port(), port);
            }
            return attachment;
        } finally {
            if (port.isEmpty()) {
                port.close();
            }
        }
    }

    private @Nullable VtepPort openPort(VtepEndpoint endpoint) {
        synchronized (vtepPorts) {
            for (VtepPort port : vtepPorts.values()) {
                formerDrops += port.isEmpty() ? port.kernelDrops() : 0;
            }
            vtepPorts.values().removeIf(VtepPort::isEmpty);
            return vtepPorts.get(endpoint);
        }
    }

    @Override
    public long kernelDrops() {
        synchronized (vtepPorts) {
            return formerDrops
                    + vtepPorts.values().stream()
                            .mapToLong(VtepPort::kernelDrops)
                            .sum();
        }
    }

    /**
     * The kernel routes into TUN devices: from each other unless that is barred, and what a TAP's hosts send to their
     * bridge's own address. Into TAP devices it routes nothing, and of VTEP ports' V-nets it does not know.
     */
    private static void requireShared(HostedNamespace place, DeviceRequest request) {
        for (Attachment other : place.attachments()) {
            boolean isRouted = request instanceof TunRequest || other.request() instanceof TunRequest;
            boolean isVtep = request instanceof VtepRequest || other.request() instanceof VtepRequest;
            if (isRouted && !isVtep && !(isBarred(request) && isBarred(other.request()))) {
                boolean areTun = request instanceof TunRequest && other.request() instanceof TunRequest;
                throw new DeviceException(
                        other.request().device() + " of another V-net is there, too; give each a namespace of its own"
                                + (areTun ? ", or let both share it" : ""));
            }
        }
    }

    private static boolean isBarred(DeviceRequest request) {
        return request instanceof TunRequest tun && tun.sharedNetns();
    }

    private void undoOpen(
            HostedNamespace place, DeviceRequest request, List<Prefix> newGuards, RuntimeException failed) {
        try {
            boolean isOpen = place.attachments().stream()
                    .anyMatch(other -> other.request().device().equals(request.device()));
            if (isBarred(request) && !isOpen && place.namespace().exists()) {
                ForwardBarrier.remove(place.namespace(), request.device());
            }
            guards.remove(place.namespace(), newGuards);
            leave(place);
        } catch (RuntimeException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }

    @Override
    public synchronized void change(PacketDevice device, DeviceRequest request) {
        HostedNamespace place = placeOf(device);
        Attachment attachment = attachmentOf(place, device);
        DeviceRequest former = attachment.request();
        if (!request.isSameDevice(former)) {
            throw new DeviceException(former.label() + ": what an open device is made of is fixed");
        }
        try {
            guards.install(place.namespace(), request.routes());
            attachment.change(request);
            Set<Prefix> leaving = new HashSet<>(former.routes());
            request.routes().forEach(leaving::remove);
            guards.remove(place.namespace(), leaving);
        } catch (RuntimeException failed) {
            throw explained(request, failed);
        }
    }

    /** What failed, with the device for whose sake it was done. */
    private static RuntimeException explained(DeviceRequest request, RuntimeException failed) {
        return failed instanceof DeviceException
                ? new DeviceException(request.label() + ": " + failed.getMessage(), failed)
                : failed;
    }

    @Override
    public synchronized void release(PacketDevice device) {
        HostedNamespace place = placeOf(device);
        Attachment attachment = attachmentOf(place, device);
        place.attachments().remove(attachment);
        attachment.device().close();
        try {
            if (isBarred(attachment.request()) && place.namespace().exists()) {
                ForwardBarrier.remove(place.namespace(), device.name());
            }
            leave(place);
        } catch (RuntimeException failed) {
            throw explained(attachment.request(), failed);
        }
    }

    /** Gives up {@code place} when no device of the gateway is left there. */
    private void leave(HostedNamespace place) {
        if (!place.attachments().isEmpty()) {
            return;
        }
        hosted.remove(place.namespace());
        if (place.namespace().name().isEmpty() || !place.namespace().exists()) {
            return;
        }
        if (ownNamespaces.isOwn(place.namespace())) {
            removeIfEmpty(place.namespace());
        } else {
            place.restore();
        }
    }

    private void removeIfEmpty(NetworkNamespace namespace) {
        if (ownNamespaces.removeIfEmpty(namespace)) {
            guards.forget(namespace);
        }
    }

    private HostedNamespace placeOf(PacketDevice device) {
        return hosted.values().stream()
                .filter(place -> place.attachments().stream().anyMatch(attachment -> attachment.device() == device))
                .findFirst()
                .orElseThrow(() -> new DeviceException(device.name() + ": not open here"));
    }

    private static Attachment attachmentOf(HostedNamespace place, PacketDevice device) {
        return place.attachments().stream()
                .filter(attachment -> attachment.device() == device)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public synchronized void purge() {
        Set<GuardRoutes.Guard> kept = new HashSet<>();
        for (HostedNamespace place : hosted.values()) {
            for (Attachment attachment : place.attachments()) {
                for (Prefix prefix : attachment.request().routes()) {
                    kept.add(new GuardRoutes.Guard(place.namespace(), prefix));
                }
            }
        }
        guards.purge(kept);
    }

    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        List<RuntimeException> failures = new ArrayList<>();
        for (HostedNamespace place : List.copyOf(hosted.values())) {
            for (Attachment attachment : List.copyOf(place.attachments())) {
                attempt(() -> release(attachment.device()), failures);
            }
        }
        attempt(() -> ownNamespaces.marked().forEach(this::removeIfEmpty), failures);
        attempt(folder::close, failures);
        if (!failures.isEmpty()) {
            RuntimeException first = failures.get(0);
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    /** One thing that cannot be undone does not keep the others from being undone. */
    private static void attempt(Runnable undo, List<RuntimeException> failures) {
        try {
            undo.run();
        } catch (RuntimeException failed) {
            failures.add(failed);
        }
    }
}
