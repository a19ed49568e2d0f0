package net.vgate.linux;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.attachment.VtepRequest;
import net.vgate.forwarding.LostPackets;
import net.vgate.forwarding.VniIndex;
import org.jspecify.annotations.Nullable;

/**
 * Where the frames of many V-nets come in, from the switches of the data center, in VXLAN or Geneve over UDP: its
 * {@link VtepQueue}s are the {@linkplain net.vgate.attachment.PacketDevice#source source} of its V-nets'
 * {@link VtepDevice}s. What comes is looked up by VNI and locator together, before anything else is looked at.
 *
 * <p>Each worker has a socket of its own on the one address; the kernel chooses by a hash of addresses and ports, and
 * switches have a source port for each flow (RFC 7348 section 5, RFC 8926 section 3.3), so that flows stay at one.
 */
final class VtepPort implements AutoCloseable {
    /** Outer headers: IPv4 or IPv6, UDP, ours, Ethernet. */
    private static final int OVERHEAD_IPV4 = 20 + 8 + 8 + 14;

    private static final int OVERHEAD_IPV6 = 40 + 8 + 8 + 14;

    private static final int NO_INDEX = -1;

    private final VtepEndpoint endpoint;
    private final int interfaceIndex;
    private final LongSupplier nanoClock;
    private final VtepLocators locators;
    private final LostPackets lost = new LostPackets();
    private final List<VtepQueue> queues = new ArrayList<>();
    private final List<VtepDevice> devices = new ArrayList<>();
    private volatile Vnets vnets = new Vnets(List.of());

    /** The V-nets by VNI. Immutable. */
    private static final class Vnets {
        final VniIndex index;
        final VtepDevice[] devices;

        Vnets(List<VtepDevice> devices) {
            this.devices = devices.toArray(new VtepDevice[0]);
            this.index = VniIndex.ofPlaces(
                    devices.stream().mapToInt(VtepDevice::vniAtSource).toArray());
        }
    }

    private VtepPort(VtepEndpoint endpoint, LongSupplier nanoClock) {
        this.endpoint = endpoint;
        this.interfaceIndex = interfaceIndex(endpoint);
        this.nanoClock = nanoClock;
        this.locators = new VtepLocators(endpoint.locator().getPort());
    }

    /**
     * Binds a socket for each worker.
     *
     * @throws DeviceException when there is no such interface, or the address is not its, or taken
     */
    static VtepPort open(VtepEndpoint endpoint, Offloads wanted, int workers, LongSupplier nanoClock) {
        VtepPort port = new VtepPort(endpoint, nanoClock);
        try {
            // With sockets that share an address, the kernel would not say that another process is there.
            UdpSocket.bind(endpoint.locator(), wanted).close();
            for (int worker = 0; worker < workers; worker++) {
                UdpSocket socket = UdpSocket.bindShared(endpoint.locator(), wanted, endpoint.device());
                port.queues.add(new VtepQueue(port, worker, socket));
            }
            return port;
        } catch (RuntimeException failed) {
            port.close();
            throw failed;
        }
    }

    /** Takes a V-net in. Not while another call of this or {@link #remove} is under way. */
    VtepDevice add(VtepRequest request) {
        requireMtu(request.mtuBytes());
        VtepDevice device = VtepDevice.create(this, request);
        devices.add(device);
        try {
            vnets = new Vnets(devices);
        } catch (IllegalArgumentException twice) {
            devices.remove(device);
            throw new DeviceException("another V-net has this VNI at the port", twice);
        }
        return device;
    }

    /** Lets a V-net go, of which the workers have let go; with the last one the port closes. */
    void remove(VtepDevice device) {
        if (devices.remove(device)) {
            vnets = new Vnets(devices);
            if (devices.isEmpty()) {
                close();
            }
        }
    }

    /** Whether it has no V-nets, and so is closed. */
    boolean isEmpty() {
        return devices.isEmpty();
    }

    /** What does not fit would be dropped by the kernel, and its sender be told nothing. */
    void requireMtu(int bytes) {
        boolean inet = endpoint.locator().getAddress().getAddress().length == 4;
        int overhead = inet ? OVERHEAD_IPV4 : OVERHEAD_IPV6;
        int mtu = deviceMtu();
        if (mtu < bytes + overhead) {
            throw new DeviceException("interface " + endpoint.device() + " has an MTU of " + mtu + ", and packets of "
                    + bytes + " bytes need " + (bytes + overhead) + "; widen it, or write mtu: " + (mtu - overhead)
                    + " in attach.vtep");
        }
    }

    private int deviceMtu() {
        try {
            NetworkInterface device = NetworkInterface.getByName(endpoint.device());
            if (device != null) {
                return device.getMTU();
            }
        } catch (SocketException unknown) {
            throw new DeviceException("interface " + endpoint.device() + ": " + unknown.getMessage(), unknown);
        }
        throw new DeviceException("there is no interface " + endpoint.device() + " where the gateway runs");
    }

    private static int interfaceIndex(VtepEndpoint endpoint) {
        try {
            NetworkInterface device = NetworkInterface.getByName(endpoint.device());
            return device == null ? NO_INDEX : device.getIndex();
        } catch (SocketException unknown) {
            return NO_INDEX;
        }
    }

    /** Whether the interface was removed, or made anew: to the sockets it is a dead one then. Any thread. */
    boolean isGone() {
        return interfaceIndex(endpoint) != interfaceIndex;
    }

    VtepEndpoint endpoint() {
        return endpoint;
    }

    LongSupplier nanoClock() {
        return nanoClock;
    }

    VtepLocators locators() {
        return locators;
    }

    LostPackets lost() {
        return lost;
    }

    int workers() {
        return queues.size();
    }

    /** Datagrams that the kernel dropped because a worker's buffer was full; as last seen, once closed. Any thread. */
    long kernelDrops() {
        return queues.stream().mapToLong(VtepQueue::kernelDrops).sum();
    }

    /** The device of the V-net of a VNI, if the locator of a number may speak for it, else null. For workers. */
    @Nullable
    VtepDevice find(int vni, int locator) {
        Vnets known = vnets;
        int place = known.index.indexOf(vni);
        return place >= 0 && known.devices[place].link().isAllowed(locator) ? known.devices[place] : null;
    }

    /** Whether datagrams are handed to the kernel many as one, by all workers. Any thread. */
    Offload udpSegment() {
        return firstOff(queues.stream().map(VtepQueue::udpSegment));
    }

    /** Whether the kernel hands in datagrams many as one. Any thread. */
    Offload udpGro() {
        return firstOff(queues.stream().map(VtepQueue::udpGro));
    }

    private static Offload firstOff(Stream<Offload> offloads) {
        return offloads.filter(offload -> !offload.isOn()).findFirst().orElse(Offload.ON);
    }

    VtepQueue queue(int worker) {
        return queues.get(worker);
    }

    @Override
    public void close() {
        queues.forEach(VtepQueue::close);
    }
}
