package net.vgate.linux;

import java.nio.ByteBuffer;
import net.vgate.record.RecordFormat;

/**
 * The program by which the kernel chooses among sockets that share an address (socket(7), SO_ATTACH_REUSEPORT_CBPF):
 * the worker that {@link net.vgate.record.Steering} finds for a record with connection ID, and the first one for all
 * else.
 *
 * <pre>
 * struct sock_fprog  | len 2 | - 6 | filter 8 |                  linux/filter.h
 * struct sock_filter | code 2 | jt 1 | jf 1 | k 4 |
 * </pre>
 */
final class ReuseportFilter {
    /** {@code BPF_LD | BPF_B | BPF_ABS}: a byte of the UDP payload; where there is none, the program ends with 0. */
    private static final int LOAD_BYTE = 0x30;

    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int MODULO = 0x94;
    private static final int RETURN_VALUE = 0x16;
    private static final int RETURN_CONSTANT = 0x06;

    static final int FPROG_BYTES = 16;
    static final int FPROG_FILTER_OFFSET = 8;
    static final int INSTRUCTION_BYTES = 8;

    private static final int INSTRUCTIONS = 6;
    private static final int LAST_CID_BYTE_AT = RecordFormat.LAST_CID_BYTE_OFFSET;

    /** The program header, then the program. */
    private final NativeBlock block = new NativeBlock(FPROG_BYTES + INSTRUCTIONS * INSTRUCTION_BYTES);

    private ReuseportFilter() {}

    static ReuseportFilter of(int workers) {
        ReuseportFilter filter = new ReuseportFilter();
        ByteBuffer bytes = filter.block.bytes();
        bytes.putShort(0, (short) INSTRUCTIONS);
        bytes.putLong(FPROG_FILTER_OFFSET, filter.block.address() + FPROG_BYTES);
        filter.instruction(0, LOAD_BYTE, 0, 0);
        filter.instruction(1, JUMP_IF_EQUAL, 3, RecordFormat.TLS12_CID);
        filter.instruction(2, LOAD_BYTE, 0, LAST_CID_BYTE_AT);
        filter.instruction(3, MODULO, 0, workers);
        filter.instruction(4, RETURN_VALUE, 0, 0);
        filter.instruction(5, RETURN_CONSTANT, 0, 0);
        return filter;
    }

    /** @param elseSkip instructions to skip when a comparison does not hold */
    private void instruction(int index, int code, int elseSkip, int k) {
        int at = FPROG_BYTES + index * INSTRUCTION_BYTES;
        ByteBuffer bytes = block.bytes();
        bytes.putShort(at, (short) code);
        bytes.put(at + 3, (byte) elseSkip);
        bytes.putInt(at + 4, k);
    }

    /** Where the program header is; valid while the filter is reachable. */
    long address() {
        return block.address();
    }
}
