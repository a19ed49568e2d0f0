package net.vgate.record.ipsecmb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import net.vgate.record.AeadBatch;

/**
 * One {@code IMB_MGR} with its ring of jobs. A batch's records become jobs, a burst of them one call; AES-GCM is done
 * when the call returns, so the ring is empty between calls.
 *
 * <p><b>Threading.</b> One for each thread, used by that thread only; the library has no locks.
 */
final class JobRing {
    private final Abi abi;
    private final AlignedMemory manager;
    private final AlignedMemory burst = new AlignedMemory(Abi.MAX_BURST * Long.BYTES);
    private final AlignedMemory tags = new AlignedMemory(Abi.MAX_BURST * AeadBatch.TAG_BYTES);
    private final ByteBuffer computedTags = tags.bytes().duplicate().order(ByteOrder.BIG_ENDIAN);
    private final BufferAddresses addresses = new BufferAddresses();

    /** @param manager an {@code IMB_MGR} that is ready for use, and nobody else's */
    JobRing(Abi abi, AlignedMemory manager) {
        this.abi = abi;
        this.manager = manager;
    }

    /** Encrypts all texts in place and puts the tags behind them. */
    void seal(AeadBatch batch, GcmKey key) {
        for (int from = 0; from < batch.count(); from += Abi.MAX_BURST) {
            burst(batch, from, Math.min(batch.count() - from, Abi.MAX_BURST), key, Abi.ENCRYPT);
        }
    }

    /** Decrypts all texts in place; fails and wipes those whose tag is another. */
    void open(AeadBatch batch, GcmKey key) {
        for (int from = 0; from < batch.count(); from += Abi.MAX_BURST) {
            int count = Math.min(batch.count() - from, Abi.MAX_BURST);
            burst(batch, from, count, key, Abi.DECRYPT);
            for (int i = 0; i < count; i++) {
                verify(batch, from + i, i * AeadBatch.TAG_BYTES);
            }
        }
    }

    private void burst(AeadBatch batch, int from, int count, GcmKey key, int direction) {
        long keyAddress = key.address();
        long slab = addresses.of(batch.slab());
        long parameters = addresses.of(batch.parameters());
        boolean sealing = direction == Abi.ENCRYPT;
        ByteBuffer ring = manager.bytes();
        take(count);
        for (int i = 0; i < count; i++) {
            int record = from + i;
            checkBounds(batch, record);
            int job = job(i);
            long text = slab + batch.textOffset(record);
            int length = batch.textLength(record);
            ring.putLong(job + Abi.ENC_KEYS, keyAddress);
            ring.putLong(job + Abi.DEC_KEYS, keyAddress);
            ring.putLong(job + Abi.KEY_LENGTH, key.bytes());
            ring.putLong(job + Abi.SRC, text);
            ring.putLong(job + Abi.DST, text);
            ring.putLong(job + Abi.CIPHER_START, 0);
            ring.putLong(job + Abi.CIPHER_LENGTH, length);
            ring.putLong(job + Abi.HASH_START, 0);
            ring.putLong(job + Abi.HASH_LENGTH, length);
            ring.putLong(job + Abi.IV, parameters + batch.nonceOffset(record));
            ring.putLong(job + Abi.IV_LENGTH, AeadBatch.NONCE_BYTES);
            ring.putLong(job + Abi.TAG, sealing ? text + length : tags.address() + (long) i * AeadBatch.TAG_BYTES);
            ring.putLong(job + Abi.TAG_LENGTH, AeadBatch.TAG_BYTES);
            ring.putLong(job + Abi.AAD, parameters + batch.aadOffset(record));
            ring.putLong(job + Abi.AAD_LENGTH, batch.aadLength(record));
            ring.putInt(job + Abi.CIPHER_MODE, Abi.CIPHER_GCM);
            ring.putInt(job + Abi.CIPHER_DIRECTION, direction);
            ring.putInt(job + Abi.HASH_ALGORITHM, Abi.HASH_GMAC);
            ring.putInt(job + Abi.CHAIN_ORDER, Abi.chainOrder(direction));
            if (abi.hasSuites()) {
                ring.putLong(job + Abi.SUITE_ID, key.suite(direction));
            }
        }
        submit(count);
    }

    /** Nobody else would notice: the library writes to whatever address it is given. */
    private static void checkBounds(AeadBatch batch, int record) {
        int bytes = batch.textLength(record) + AeadBatch.TAG_BYTES;
        Objects.checkFromIndexSize(batch.textOffset(record), bytes, batch.slab().capacity());
        Objects.checkIndex(batch.aadLength(record), AeadBatch.MAX_AAD_BYTES + 1);
    }

    private void take(int count) {
        int taken = BurstCalls.get_next_burst(manager.address(), count, burst.address());
        if (taken != count) {
            throw new IllegalStateException("libipsec-mb has " + taken + " free jobs of " + count);
        }
    }

    /** Where the {@code i}-th job of the burst is in the manager's memory. */
    private int job(int i) {
        return Math.toIntExact(burst.bytes().getLong(i * Long.BYTES) - manager.address());
    }

    private void submit(int count) {
        int done = BurstCalls.submit_burst(manager.address(), count, burst.address());
        if (done != count) {
            throw new IllegalStateException("libipsec-mb did " + done + " jobs of " + count + ", error "
                    + manager.bytes().getInt(Abi.ERRNO));
        }
        for (int i = 0; i < count; i++) {
            if (manager.bytes().getInt(job(i) + Abi.STATUS) != Abi.STATUS_COMPLETED) {
                throw new IllegalStateException("libipsec-mb left a job undone");
            }
        }
    }

    /** Compares in constant time. The text is decrypted by now, so that of a forged record goes at once. */
    private void verify(AeadBatch batch, int record, int computed) {
        ByteBuffer slab = batch.slab();
        int text = batch.textOffset(record);
        int tag = text + batch.textLength(record);
        long difference = (slab.getLong(tag) ^ computedTags.getLong(computed))
                | (slab.getLong(tag + Long.BYTES) ^ computedTags.getLong(computed + Long.BYTES));
        if (difference != 0) {
            batch.fail(record);
            for (int at = text; at < tag; at++) {
                slab.put(at, (byte) 0);
            }
        }
    }

    /** Whether jobs are where the layout says they are, as far as one burst of them shows. */
    boolean isLaidOutAsExpected() {
        take(Abi.MAX_BURST);
        int first = job(0) - abi.jobsOffset();
        if (first < 0 || first % abi.jobBytes() != 0) {
            return false;
        }
        for (int i = 0; i < Abi.MAX_BURST; i++) {
            if (job(i) != abi.jobsOffset() + (first + i * abi.jobBytes()) % (Abi.JOBS * abi.jobBytes())) {
                return false;
            }
        }
        return true;
    }
}
