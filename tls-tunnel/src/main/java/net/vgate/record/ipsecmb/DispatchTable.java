package net.vgate.record.ipsecmb;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.List;
import net.vgate.record.AeadUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * The function pointers of an {@code IMB_MGR}, which the library chose for this CPU. Each of them has an exported name
 * as well; a pointer without one means that the table is laid out otherwise than expected, and nothing is called.
 */
final class DispatchTable {
    /** How names of functions end, by the kind of CPU; those of bursts, and those of keys. */
    private static final List<String> BURST_KINDS = List.of(
            "avx512_t2",
            "avx512_t1",
            "avx2_t4",
            "avx2_t3",
            "avx2_t2",
            "avx2_t1",
            "avx_t2",
            "avx_t1",
            "sse_t3",
            "sse_t2",
            "sse_t1");

    private static final List<String> KEY_KINDS =
            List.of("vaes_avx512", "avx512", "vaes_avx2", "avx_gen4", "avx_gen2", "sse");

    private final NativeLibrary library;
    private final AlignedMemory manager;

    DispatchTable(NativeLibrary library, AlignedMemory manager) {
        this.library = library;
        this.manager = manager;
    }

    /** Expands a key: {@code (const void *key, struct gcm_key_data *expanded)}. */
    Function expand(int offset, String name) throws AeadUnavailableException {
        return at(offset, name, KEY_KINDS);
    }

    /** A function of the burst interface, {@code (IMB_MGR *, uint32_t, IMB_JOB **)}. */
    Function burst(int offset, String name) throws AeadUnavailableException {
        return at(offset, name, BURST_KINDS);
    }

    private Function at(int offset, String name, List<String> kinds) throws AeadUnavailableException {
        long address = manager.bytes().getLong(offset);
        for (String kind : kinds) {
            Function exported = exported(name + kind);
            if (exported != null && Pointer.nativeValue(exported) == address) {
                return exported;
            }
        }
        throw new AeadUnavailableException(
                "libipsec-mb's table of functions has no " + name + "* where it is expected");
    }

    private @Nullable Function exported(String name) {
        try {
            return library.getFunction(name);
        } catch (UnsatisfiedLinkError notInThisRelease) {
            return null;
        }
    }
}
