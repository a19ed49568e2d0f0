package net.vgate.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import net.vgate.attachment.DeviceHost;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.TunRequest;
import net.vgate.linux.LinuxDeviceHost;

/**
 * What memory a V-net's device costs, in the gateway and in the kernel; run by tests/bench/scale as root, in a network
 * namespace that ends with the process.
 */
final class DeviceMemory {
    /** Opened before: what they bring with them is there once, such as classes and caches, and buffers of threads. */
    private static final int FIRST = 48;

    /** Of /proc/meminfo: what the kernel takes for its objects. Other processes take of it, too. */
    private static final Set<String> KERNEL = Set.of("Slab:", "Percpu:", "VmallocUsed:");

    private DeviceMemory() {}

    /**
     * Prints the bytes per device as JSON.
     *
     * @param arguments how many devices, and a folder for the device host
     */
    public static void main(String[] arguments) throws IOException {
        int count = Integer.parseInt(arguments[0]);
        List<TunRequest> requests = new ArrayList<>();
        for (int i = 0; i < FIRST + count; i++) {
            requests.add(
                    new TunRequest("scale" + i, Optional.empty(), List.of(), SampleVnet.INNER_MTU, List.of(), true));
        }
        try (DeviceHost host = LinuxDeviceHost.in(Path.of(arguments[1]), Offloads.ALL, 1)) {
            requests.subList(0, FIRST).forEach(host::open);
            long heap = ScalePoint.liveHeapBytes();
            long direct = ScalePoint.directBytes();
            long kernel = kernelBytes();
            requests.subList(FIRST, requests.size()).forEach(host::open);
            System.out.printf(
                    Locale.ROOT,
                    "{\"devices\": %d, \"heap_bytes\": %d, \"direct_bytes\": %d, \"kernel_bytes\": %d}%n",
                    count,
                    (ScalePoint.liveHeapBytes() - heap) / count,
                    (ScalePoint.directBytes() - direct) / count,
                    (kernelBytes() - kernel) / count);
        }
    }

    private static long kernelBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .map(line -> line.split("\\s+"))
                .filter(words -> KERNEL.contains(words[0]))
                .mapToLong(words -> Long.parseLong(words[1]) * 1024)
                .sum();
    }
}
