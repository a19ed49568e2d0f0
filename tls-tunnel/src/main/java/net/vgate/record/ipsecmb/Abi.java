package net.vgate.record.ipsecmb;

import java.util.List;
import net.vgate.record.AeadUnavailableException;

/**
 * What differs between releases in the structs of {@code intel-ipsec-mb.h}, in bytes. What is the same in all of those
 * listed is a constant here; {@link ImbLibrary} checks at start what it can, and the known answers the rest.
 *
 * @param versions how the version begins, {@code IMB_VERSION_STR}
 * @param jobBytes {@code sizeof(IMB_JOB)}
 * @param jobsOffset {@code offsetof(IMB_MGR, jobs)}
 * @param keyBytes {@code sizeof(struct gcm_key_data)}
 * @param hasSuites whether jobs have a {@code suite_id}
 */
record Abi(String versions, int jobBytes, int jobsOffset, int keyBytes, boolean hasSuites) {
    /** The releases that were tried: Debian 12 has 1.3, Debian 13 has 2.0. */
    static final List<Abi> KNOWN =
            List.of(new Abi("1.3.", 200, 1_024, 1_024, false), new Abi("2.0.", 216, 1_112, 1_280, true));

    /** {@code IMB_MAX_BURST_SIZE}. */
    static final int MAX_BURST = 128;

    /** {@code IMB_MAX_JOBS}, how many jobs the ring has. */
    static final int JOBS = 2 * MAX_BURST;

    // IMB_MGR
    static final int FEATURES = 8;
    static final int ERRNO = 60;
    static final int GCM128_PRE = 448;
    static final int GCM256_PRE = 464;
    static final int GET_NEXT_BURST = 952;
    static final int SUBMIT_BURST = 960;

    /** {@code IMB_FEATURE_AESNI} and {@code IMB_FEATURE_PCLMULQDQ}, bits of {@link #FEATURES}. */
    static final long FEATURES_NEEDED = 1L << 1 | 1L << 2;

    // IMB_JOB
    static final int ENC_KEYS = 0;
    static final int DEC_KEYS = 8;
    static final int KEY_LENGTH = 16;
    static final int SRC = 24;
    static final int DST = 32;
    static final int CIPHER_START = 40;
    static final int CIPHER_LENGTH = 48;
    static final int HASH_START = 56;
    static final int HASH_LENGTH = 64;
    static final int IV = 72;
    static final int IV_LENGTH = 80;
    static final int TAG = 88;
    static final int TAG_LENGTH = 96;
    static final int AAD = 104;
    static final int AAD_LENGTH = 112;
    static final int STATUS = 128;
    static final int CIPHER_MODE = 132;
    static final int CIPHER_DIRECTION = 136;
    static final int HASH_ALGORITHM = 140;
    static final int CHAIN_ORDER = 144;
    static final int SUITE_ID = 200;

    static final int STATUS_COMPLETED = 3;
    static final int CIPHER_GCM = 5;
    static final int HASH_GMAC = 9;
    static final int ENCRYPT = 1;
    static final int DECRYPT = 2;
    private static final int CIPHER_THEN_HASH = 1;
    private static final int HASH_THEN_CIPHER = 2;

    /** {@code IMB_CHAIN_ORDER} that goes with {@code direction}. */
    static int chainOrder(int direction) {
        return direction == ENCRYPT ? CIPHER_THEN_HASH : HASH_THEN_CIPHER;
    }

    /**
     * The layout of a version.
     *
     * @throws AeadUnavailableException when nobody has looked at it
     */
    static Abi of(String version, List<Abi> known) throws AeadUnavailableException {
        for (Abi abi : known) {
            if (version.startsWith(abi.versions)) {
                return abi;
            }
        }
        throw new AeadUnavailableException("libipsec-mb " + version + " is not a version that vgate knows");
    }
}
