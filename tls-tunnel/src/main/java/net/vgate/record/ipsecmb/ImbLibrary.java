package net.vgate.record.ipsecmb;

import com.sun.jna.Function;
import com.sun.jna.FunctionMapper;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import java.util.HashMap;
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
    /** Newest first. */
    static final List<String> SONAMES = List.of("libIPSec_MB.so.2", "libIPSec_MB.so.1");

    /**
     * {@code RTLD_NOW}, and not {@code RTLD_GLOBAL} as JNA has it: two versions of the library in one process would
     * call into each other.
     */
    private static final Map<String, ?> OPTIONS = Map.of(Library.OPTION_OPEN_FLAGS, 2);

    /** More than an {@code IMB_MGR} with all that it points to was ever seen to take, in bytes. */
    private static final int MAX_MANAGER_BYTES = 4 << 20;

    /** More than an expanded key was ever seen to take beyond what is expected. */
    private static final int GUARD_BYTES = 4_096;

    private final NativeLibrary library;
    private final String version;
    private final Abi abi;
    private final AlignedMemory examined;
    private final Function expand128;
    private final Function expand256;

    private ImbLibrary(NativeLibrary library, String soname, List<Abi> known) throws AeadUnavailableException {
        this.library = library;
        this.version = library.getFunction("imb_get_version_str").invokeString(new Object[0], false);
        this.abi = Abi.of(version, known);
        this.examined = newManager();
        DispatchTable table = new DispatchTable(library, examined);
        this.expand128 = table.expand(Abi.GCM128_PRE, "aes_gcm_pre_128_");
        this.expand256 = table.expand(Abi.GCM256_PRE, "aes_gcm_pre_256_");
        String take = table.burst(Abi.GET_NEXT_BURST, "get_next_burst_").getName();
        String submit = table.burst(Abi.SUBMIT_BURST, "submit_burst_").getName();
        FunctionMapper symbols = (any, method) -> method.getName().equals("submit_burst") ? submit : take;
        Map<String, Object> mapped = new HashMap<>(OPTIONS);
        mapped.put(Library.OPTION_FUNCTION_MAPPER, symbols);
        BurstCalls.register(NativeLibrary.getInstance(soname, mapped));
        if (!new JobRing(abi, examined).isLaidOutAsExpected()) {
            throw new AeadUnavailableException(this + " lays its jobs out otherwise than expected");
        }
        checkSizeOfKeys(AeadAlgorithm.AES_128_GCM);
        checkSizeOfKeys(AeadAlgorithm.AES_256_GCM);
    }

    /**
     * The first of the libraries that is there.
     *
     * @throws AeadUnavailableException when there is none, or it is not as we know it
     */
    static ImbLibrary open(List<String> sonames, List<Abi> known) throws AeadUnavailableException {
        UnsatisfiedLinkError absent = new UnsatisfiedLinkError();
        for (String soname : sonames) {
            NativeLibrary library;
            try {
                library = NativeLibrary.getInstance(soname, OPTIONS);
            } catch (UnsatisfiedLinkError e) {
                absent = e;
                continue;
            }
            try {
                return new ImbLibrary(library, soname, known);
            } catch (UnsatisfiedLinkError missing) {
                throw new AeadUnavailableException(soname + " lacks a function: " + line(missing, 0), missing);
            }
        }
        // The first line is JNA's, the second what dlopen(3) says.
        throw new AeadUnavailableException(
                line(absent, 1) + "; Debian's package libipsec-mb1 or libipsec-mb2 has it", absent);
    }

    private static String line(UnsatisfiedLinkError error, int index) {
        String[] lines = String.valueOf(error.getMessage()).split("\n", -1);
        return lines[Math.min(index, lines.length - 1)];
    }

    private AlignedMemory newManager() throws AeadUnavailableException {
        long bytes = library.getFunction("imb_get_mb_mgr_size").invokeLong(new Object[0]);
        if (bytes < abi.jobsOffset() + (long) Abi.JOBS * abi.jobBytes() || bytes > MAX_MANAGER_BYTES) {
            throw new AeadUnavailableException(this + " has managers of " + bytes + " bytes");
        }
        AlignedMemory manager = new AlignedMemory((int) bytes);
        library.getFunction("imb_set_pointers_mb_mgr").invokePointer(new Object[] {manager.pointer(), 0L, 1});
        library.getFunction("init_mb_mgr_auto").invokeVoid(new Object[] {manager.pointer(), new IntByReference()});
        int error = manager.bytes().getInt(Abi.ERRNO);
        if (error != 0) {
            throw new AeadUnavailableException(this + " does not start: "
                    + library.getFunction("imb_get_strerror").invokeString(new Object[] {error}, false));
        }
        if ((manager.bytes().getLong(Abi.FEATURES) & Abi.FEATURES_NEEDED) != Abi.FEATURES_NEEDED) {
            throw new AeadUnavailableException("this CPU has no instructions for AES and GCM");
        }
        return manager;
    }

    /** {@code imb_set_session}: what jobs of this kind carry in {@link Abi#SUITE_ID}; 0 where they carry none. */
    private long suite(int keyBytes, int direction) {
        if (!abi.hasSuites()) {
            return 0;
        }
        AlignedMemory job = new AlignedMemory(abi.jobBytes());
        job.bytes().putLong(Abi.KEY_LENGTH, keyBytes);
        job.bytes().putInt(Abi.CIPHER_MODE, Abi.CIPHER_GCM);
        job.bytes().putInt(Abi.CIPHER_DIRECTION, direction);
        job.bytes().putInt(Abi.HASH_ALGORITHM, Abi.HASH_GMAC);
        job.bytes().putInt(Abi.CHAIN_ORDER, Abi.chainOrder(direction));
        library.getFunction("imb_set_session").invokeInt(new Object[] {examined.pointer(), job.pointer()});
        return job.bytes().getLong(Abi.SUITE_ID);
    }

    private void checkSizeOfKeys(AeadAlgorithm algorithm) throws AeadUnavailableException {
        AlignedMemory expanded = new AlignedMemory(abi.keyBytes() + GUARD_BYTES);
        expand(algorithm, new byte[algorithm.keyBytes()], expanded);
        for (int at = abi.keyBytes(); at < expanded.bytes().capacity(); at++) {
            if (expanded.bytes().get(at) != 0) {
                throw new AeadUnavailableException(this + " expands keys to more than expected");
            }
        }
    }

    private void expand(AeadAlgorithm algorithm, byte[] key, AlignedMemory expanded) {
        AlignedMemory plain = new AlignedMemory(key.length);
        plain.bytes().put(0, key);
        Function expand = algorithm == AeadAlgorithm.AES_128_GCM ? expand128 : expand256;
        expand.invokeVoid(new Object[] {plain.pointer(), expanded.pointer()});
        plain.wipe();
    }

    String version() {
        return version;
    }

    /** A ring for the calling thread. */
    JobRing newRing() {
        try {
            return new JobRing(abi, newManager());
        } catch (AeadUnavailableException impossible) {
            throw new IllegalStateException("libipsec-mb started once, and now does not", impossible);
        }
    }

    /** A key, expanded. */
    GcmKey newKey(ThreadLocal<JobRing> rings, AeadAlgorithm algorithm, byte[] key) {
        AlignedMemory expanded = new AlignedMemory(abi.keyBytes());
        expand(algorithm, key, expanded);
        return new GcmKey(rings, expanded, key.length, suite(key.length, Abi.ENCRYPT), suite(key.length, Abi.DECRYPT));
    }

    @Override
    public String toString() {
        return "libipsec-mb " + version;
    }
}
