package net.vgate.record.ipsecmb;

import com.sun.jna.Function;
import com.sun.jna.FunctionMapper;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.List;
import java.util.Map;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AeadUnavailableException;

/**
 * The shared library, once it was found to be one that we know: version, dispatch table and layout of the jobs.
 *
 * <p><b>Threading.</b> Any thread may make rings and keys.
 */
final class ImbLibrary {
    private static final String SONAME = "libIPSec_MB.so.1";

    /** More than an {@code IMB_MGR} with all that it points to was ever seen to take, in bytes. */
    private static final int MAX_MANAGER_BYTES = 4 << 20;

    /** How the functions that {@code IMB_MGR} points to are called for each kind of CPU; its bursts, its keys. */
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

    private static final List<String> KEY_KINDS = List.of("vaes_avx512", "avx512", "avx_gen4", "avx_gen2", "sse");

    private final NativeLibrary library;
    private final String version;
    private final Abi abi;
    private final Function expand128;
    private final Function expand256;

    private ImbLibrary(NativeLibrary library, String version, Abi abi, Function expand128, Function expand256) {
        this.library = library;
        this.version = version;
        this.abi = abi;
        this.expand128 = expand128;
        this.expand256 = expand256;
    }

    /** @throws AeadUnavailableException when it is not there, or is not as we know it */
    static ImbLibrary open() throws AeadUnavailableException {
        NativeLibrary library = load(SONAME, Map.of());
        try {
            return examine(library);
        } catch (UnsatisfiedLinkError missing) {
            throw new AeadUnavailableException("it lacks a function: " + line(missing, 0), missing);
        }
    }

    private static NativeLibrary load(String soname, Map<String, ?> options) throws AeadUnavailableException {
        try {
            return NativeLibrary.getInstance(soname, options);
        } catch (UnsatisfiedLinkError missing) {
            // The first line is JNA's, the second what dlopen(3) says.
            throw new AeadUnavailableException(line(missing, 1) + "; Debian's package libipsec-mb1 has it", missing);
        }
    }

    private static String line(UnsatisfiedLinkError error, int index) {
        List<String> lines = String.valueOf(error.getMessage()).lines().toList();
        return lines.get(Math.min(index, lines.size() - 1));
    }

    private static ImbLibrary examine(NativeLibrary library) throws AeadUnavailableException {
        String version = library.getFunction("imb_get_version_str").invokeString(new Object[0], false);
        Abi abi = Abi.of(version);
        if (abi == null) {
            throw new AeadUnavailableException("version " + version + " is not one that vgate knows");
        }
        AlignedMemory manager = newManager(library);
        Function expand128 = function(library, manager, Abi.GCM128_PRE, "aes_gcm_pre_128_", KEY_KINDS);
        Function expand256 = function(library, manager, Abi.GCM256_PRE, "aes_gcm_pre_256_", KEY_KINDS);
        String take = function(library, manager, Abi.GET_NEXT_BURST, "get_next_burst_", BURST_KINDS)
                .getName();
        String submit = function(library, manager, Abi.SUBMIT_BURST, "submit_burst_", BURST_KINDS)
                .getName();
        FunctionMapper symbols = (mapped, method) -> method.getName().equals("submit_burst") ? submit : take;
        BurstCalls.register(load(SONAME, Map.of(Library.OPTION_FUNCTION_MAPPER, symbols)));
        if (!new JobRing(abi, manager).isLaidOutAsExpected()) {
            throw new AeadUnavailableException("version " + version + " lays its jobs out otherwise than expected");
        }
        return new ImbLibrary(library, version, abi, expand128, expand256);
    }

    private static AlignedMemory newManager(NativeLibrary library) throws AeadUnavailableException {
        long bytes = library.getFunction("imb_get_mb_mgr_size").invokeLong(new Object[0]);
        if (bytes <= 0 || bytes > MAX_MANAGER_BYTES) {
            throw new AeadUnavailableException("its manager takes " + bytes + " bytes");
        }
        AlignedMemory manager = new AlignedMemory((int) bytes);
        library.getFunction("imb_set_pointers_mb_mgr").invokePointer(new Object[] {manager.pointer(), 0L, 1});
        IntByReference architecture = new IntByReference();
        library.getFunction("init_mb_mgr_auto").invokeVoid(new Object[] {manager.pointer(), architecture});
        int error = manager.bytes().getInt(Abi.ERRNO);
        long features = manager.bytes().getLong(Abi.FEATURES);
        if (error != 0) {
            throw new AeadUnavailableException("it does not start: "
                    + library.getFunction("imb_get_strerror").invokeString(new Object[] {error}, false));
        }
        if ((features & Abi.FEATURES_NEEDED) != Abi.FEATURES_NEEDED) {
            throw new AeadUnavailableException("this CPU has no instructions for AES and GCM");
        }
        return manager;
    }

    /** The exported function that the manager points to; anything else there means that the layout is another. */
    private static Function function(
            NativeLibrary library, AlignedMemory manager, int offset, String name, List<String> kinds)
            throws AeadUnavailableException {
        long address = manager.bytes().getLong(offset);
        for (String kind : kinds) {
            Function candidate;
            try {
                candidate = library.getFunction(name + kind);
            } catch (UnsatisfiedLinkError notInThisRelease) {
                continue;
            }
            if (Pointer.nativeValue(candidate) == address) {
                return candidate;
            }
        }
        throw new AeadUnavailableException("its table of functions has no " + name + "* where it is expected");
    }

    String version() {
        return version;
    }

    /** A ring for the calling thread. */
    JobRing newRing() {
        try {
            return new JobRing(abi, newManager(library));
        } catch (AeadUnavailableException impossible) {
            throw new IllegalStateException("libipsec-mb started once, and now does not", impossible);
        }
    }

    /** The key in expanded form. */
    AlignedMemory expand(AeadAlgorithm algorithm, byte[] key) {
        AlignedMemory plain = new AlignedMemory(key.length);
        AlignedMemory expanded = new AlignedMemory(abi.keyBytes());
        plain.bytes().put(0, key);
        Function expand = algorithm == AeadAlgorithm.AES_128_GCM ? expand128 : expand256;
        expand.invokeVoid(new Object[] {plain.pointer(), expanded.pointer()});
        plain.wipe();
        return expanded;
    }
}
