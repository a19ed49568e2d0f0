package net.vgate.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.TunRequest;
import net.vgate.packet.Prefix;

/**
 * A process that opens a device, and holds it until it is terminated (and undoes everything) or killed. Arguments:
 * folder, device, namespace or "-" for the process's own, address, route.
 */
final class HostProcess {
    static final String READY = "the device is open";

    private HostProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        LinuxDeviceHost host = LinuxDeviceHost.in(Path.of(arguments[0]), Offloads.ALL, 1);
        Runtime.getRuntime().addShutdownHook(new Thread(host::close));
        host.open(new TunRequest(
                arguments[1],
                Optional.of(arguments[2]).filter(name -> !name.equals("-")),
                List.of(IpPackets.address(arguments[3])),
                1400,
                List.of(Prefix.parse(arguments[4]).orElseThrow()),
                false));
        System.out.println(READY);
        new CountDownLatch(1).await();
    }
}
