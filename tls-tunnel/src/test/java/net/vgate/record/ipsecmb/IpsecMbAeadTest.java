package net.vgate.record.ipsecmb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.vgate.record.AeadUnavailableException;
import org.junit.jupiter.api.Test;

class IpsecMbAeadTest {
    /** Where it is not used, tests of it skip themselves; so this one must not. */
    @Test
    void aLibraryThatIsInstalledIsUsed() throws AeadUnavailableException, IOException {
        assumeTrue(ImbLibrary.SONAMES.stream().anyMatch(IpsecMbAeadTest::isInstalled), "skipped: no libipsec-mb");
        assumeTrue(cpuHas("aes") && cpuHas("pclmulqdq"), "skipped: a CPU without AES and GCM");
        assertEquals("ipsec-mb", IpsecMbAead.load().name());
    }

    private static boolean isInstalled(String soname) {
        try {
            NativeLibrary.getInstance(soname, Map.of(Library.OPTION_OPEN_FLAGS, 2));
            return true;
        } catch (UnsatisfiedLinkError absent) {
            return false;
        }
    }

    private static boolean cpuHas(String flag) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.anyMatch(line -> line.startsWith("flags") && line.contains(" " + flag + " "));
        }
    }
}
