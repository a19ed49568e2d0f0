package net.vgate.record.ipsecmb;

import net.vgate.record.Aead;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AeadKey;
import net.vgate.record.AeadSelfTest;
import net.vgate.record.AeadUnavailableException;

/**
 * AES-GCM by libipsec-mb. A call takes 128 records; nothing is copied, and nothing allocated.
 *
 * <p>Keys are used with a manager of the thread that uses them: it takes 200 KB, which is too much for each of
 * thousands of keys, and may not be used by two threads at once, which threads' own cannot be.
 */
public final class IpsecMbAead implements Aead {
    private final ImbLibrary library;
    private final ThreadLocal<JobRing> rings;

    private IpsecMbAead(ImbLibrary library) {
        this.library = library;
        this.rings = ThreadLocal.withInitial(library::newRing);
    }

    /**
     * Loads the library, looks whether it is as expected, and makes it compute what is known.
     *
     * @throws AeadUnavailableException when it is not to be used, with the reason
     */
    public static IpsecMbAead load() throws AeadUnavailableException {
        IpsecMbAead aead = new IpsecMbAead(ImbLibrary.open(ImbLibrary.SONAMES, Abi.KNOWN));
        AeadSelfTest.run(aead);
        return aead;
    }

    @Override
    public String name() {
        return "ipsec-mb";
    }

    @Override
    public String version() {
        return library.version();
    }

    @Override
    public boolean supports(AeadAlgorithm algorithm) {
        return algorithm != AeadAlgorithm.CHACHA20_POLY1305;
    }

    @Override
    public AeadKey newKey(AeadAlgorithm algorithm, byte[] key) {
        if (key.length != algorithm.keyBytes()) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes for " + algorithm);
        }
        return library.newKey(rings, algorithm, key);
    }
}
