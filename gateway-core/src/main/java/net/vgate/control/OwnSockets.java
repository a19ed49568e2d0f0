package net.vgate.control;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.vgate.record.Association.Path;
import net.vgate.record.SocketText;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's own UDP sockets, numbered as {@link DatagramPort} has it.
 *
 * @param listening in the order of the configuration
 */
public record OwnSockets(List<InetSocketAddress> listening) {
    /** Paths that are tried, or measured: with more, the asking would be what fills them. */
    static final int MOST_PATHS = 8;

    public OwnSockets {
        listening = List.copyOf(listening);
    }

    /** The distinct addresses, from which peers are called. */
    private List<InetAddress> addresses() {
        return listening.stream().map(InetSocketAddress::getAddress).distinct().toList();
    }

    /** The address that the socket {@code local} is bound to. */
    private InetAddress address(int local) {
        return DatagramPort.isListening(local)
                ? listening.get(local - DatagramPort.LISTEN).getAddress()
                : addresses().get((local - DatagramPort.CONNECT) % DatagramPort.MAX_ADDRESSES);
    }

    /** The socket by which {@code worker} calls from the address that {@code local} is bound to. */
    int connectingAt(int local, int worker) {
        return DatagramPort.connect(worker, addresses().indexOf(address(local)));
    }

    /** Every pair of an own address and one of the peer's, as {@link #pairs} has it, for calls of {@code worker}. */
    List<Path> calls(int worker, List<InetSocketAddress> remotes) {
        List<Integer> locals = new ArrayList<>();
        for (int address = 0; address < addresses().size(); address++) {
            locals.add(DatagramPort.connect(worker, address));
        }
        return pairs(locals, remotes);
    }

    /** The same by the sockets that listen: {@code local}, and the first of each other address. */
    List<Path> answers(int local, List<InetSocketAddress> remotes) {
        List<Integer> locals = new ArrayList<>();
        for (InetAddress address : addresses()) {
            locals.add(address.equals(address(local)) ? local : firstListening(address));
        }
        return pairs(locals, remotes);
    }

    private int firstListening(InetAddress address) {
        int local = DatagramPort.LISTEN;
        while (!address(local).equals(address)) {
            local++;
        }
        return local;
    }

    /**
     * Those of one family, up to {@link #MOST_PATHS}: the first of both first, then what is further down in either
     * order, so that none is left out for the sake of another one's last.
     */
    private List<Path> pairs(List<Integer> locals, List<InetSocketAddress> remotes) {
        List<Path> pairs = new ArrayList<>();
        for (int places = 0; places < locals.size() + remotes.size(); places++) {
            for (int remote = 0; remote <= Math.min(places, remotes.size() - 1); remote++) {
                int own = places - remote;
                if (own < locals.size() && isOneFamily(address(locals.get(own)), remotes.get(remote))) {
                    pairs.add(new Path(locals.get(own), remotes.get(remote)));
                }
            }
        }
        return pairs.stream().limit(MOST_PATHS).toList();
    }

    private static boolean isOneFamily(InetAddress own, InetSocketAddress remote) {
        return own instanceof Inet4Address == remote.getAddress() instanceof Inet4Address;
    }

    /** Whether two paths are between the same two addresses, whatever their ports are. */
    boolean isBetweenSame(Path one, Path other) {
        return address(one.local()).equals(address(other.local()))
                && one.remote().getAddress().equals(other.remote().getAddress());
    }

    /** Where we listen, for people. */
    public String text() {
        return listening.stream().map(SocketText::of).collect(Collectors.joining(", "));
    }

    /**
     * The socket {@code local} for people: address and port, or the address alone where the port is the kernel's
     * choice; null if it is a stream or a relay.
     */
    @Nullable
    String text(int local) {
        if (local >= DatagramPort.STREAM) {
            return null;
        }
        return DatagramPort.isListening(local)
                ? SocketText.of(listening.get(local - DatagramPort.LISTEN))
                : address(local).getHostAddress();
    }
}
