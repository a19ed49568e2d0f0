package net.vgate.record.ipsecmb;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLibrary;
import java.nio.ByteBuffer;
import java.util.List;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AeadUnavailableException;
import net.vgate.record.TestAead;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImbLibraryTest {
    private Abi abi;

    @BeforeEach
    void isThere() throws AeadUnavailableException {
        String version = TestAead.IPSEC_MB.aead().version();
        abi = Abi.of(version, Abi.KNOWN);
    }

    @Test
    void opensWhatIsAsKnown() {
        assertDoesNotThrow(() -> ImbLibrary.open(ImbLibrary.SONAMES, Abi.KNOWN));
    }

    @Test
    void saysWhichPackageIsMissing() {
        assertReason(
                List.of("libIPSec_MB.so.0"),
                Abi.KNOWN,
                "libIPSec_MB.so.0: cannot open shared object file: No such file or directory; "
                        + "Debian's package libipsec-mb1 or libipsec-mb2 has it");
    }

    @Test
    void saysWhatIsNoSuchLibrary() {
        assertReason(List.of("libc.so.6"), Abi.KNOWN, "libc.so.6 lacks a function: ");
    }

    @Test
    void takesNoVersionThatNobodyLookedAt() {
        List<Abi> others = List.of(new Abi("9.", 200, 1_024, 1_024, false));
        assertReason(ImbLibrary.SONAMES, others, "is not a version that vgate knows");
    }

    @ParameterizedTest
    @ValueSource(ints = {-16, -8, 8, 16, 40})
    void noticesJobsOfAnotherSize(int bytes) {
        Abi wrong = new Abi(abi.versions(), abi.jobBytes() + bytes, abi.jobsOffset(), abi.keyBytes(), abi.hasSuites());
        assertReason(ImbLibrary.SONAMES, List.of(wrong), "lays its jobs out otherwise than expected");
    }

    @ParameterizedTest
    @ValueSource(ints = {-64, -8, 8, 64})
    void noticesARingInAnotherPlace(int bytes) {
        Abi wrong = new Abi(abi.versions(), abi.jobBytes(), abi.jobsOffset() + bytes, abi.keyBytes(), abi.hasSuites());
        assertReason(ImbLibrary.SONAMES, List.of(wrong), "lays its jobs out otherwise than expected");
    }

    @Test
    void noticesAnotherDispatchTable() {
        AlignedMemory empty = new AlignedMemory(2_000);
        DispatchTable table = new DispatchTable(NativeLibrary.getInstance(soname()), empty);
        AeadUnavailableException reason =
                assertThrows(AeadUnavailableException.class, () -> table.burst(Abi.SUBMIT_BURST, "submit_burst_"));
        assertEquals(
                "libipsec-mb's table of functions has no submit_burst_* where it is expected", reason.getMessage());
    }

    @Test
    void noticesKeysThatTakeMoreThanExpected() {
        Abi wrong = new Abi(abi.versions(), abi.jobBytes(), abi.jobsOffset(), 64, abi.hasSuites());
        assertReason(ImbLibrary.SONAMES, List.of(wrong), "expands keys to more than expected");
    }

    @Test
    void takesAnotherWhenTheFirstIsNotThere() {
        assertDoesNotThrow(() -> ImbLibrary.open(List.of("libIPSec_MB.so.0", soname()), Abi.KNOWN));
    }

    @Test
    void wipesADestroyedKey() throws AeadUnavailableException {
        ImbLibrary library = ImbLibrary.open(ImbLibrary.SONAMES, Abi.KNOWN);
        GcmKey key = library.newKey(ThreadLocal.withInitial(library::newRing), AeadAlgorithm.AES_128_GCM, new byte[16]);
        ByteBuffer memory = key.expanded().bytes();
        assertFalse(isZero(memory));
        key.destroy();
        assertTrue(isZero(memory));
    }

    private static boolean isZero(ByteBuffer memory) {
        for (int at = 0; at < memory.capacity(); at++) {
            if (memory.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The one that is installed. */
    private String soname() {
        return "libIPSec_MB.so." + (abi.versions().startsWith("1.") ? 1 : 2);
    }

    private static void assertReason(List<String> sonames, List<Abi> known, String words) {
        AeadUnavailableException reason =
                assertThrows(AeadUnavailableException.class, () -> ImbLibrary.open(sonames, known));
        assertTrue(String.valueOf(reason.getMessage()).contains(words), reason.getMessage());
    }
}
