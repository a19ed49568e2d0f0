package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Pattern;
import net.vgate.testbed.Command;

/**
 * What a gateway's process takes.
 *
 * @param residentKib all of it
 * @param liveKib of the heap, what a collection leaves
 */
record GatewayMemory(long residentKib, long liveKib) {
    /** Of the serial collector's two generations. */
    private static final Pattern USED =
            Pattern.compile("(?:def new generation|DefNew|tenured generation|Tenured) .*used (\\d+)K");

    static GatewayMemory of(RunningGateway gateway) {
        String pid = Long.toString(gateway.pid());
        Command.run("jcmd", pid, "GC.run");
        String heap = Command.run("jcmd", pid, "GC.heap_info");
        long live = USED.matcher(heap)
                .results()
                .mapToLong(generation -> Long.parseLong(generation.group(1)))
                .sum();
        assertTrue(live > 0, heap);
        String resident = Command.run("awk", "/^VmRSS:/ { print $2 }", "/proc/" + pid + "/status");
        return new GatewayMemory(Long.parseLong(resident.strip()), live);
    }
}
