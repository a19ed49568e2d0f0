package net.vgate.linux;

import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import net.vgate.attachment.DeviceException;
import net.vgate.packet.InnerHeader;

/**
 * The program by which the kernel chooses the queue of a packet that it hands to a TUN or TAP device: by a hash of both
 * addresses and, for TCP and UDP without fragments and extension headers, both ports. So a flow stays at one queue,
 * whatever comes back and when. The kernel's own choice is the queue that the flow's answers were last written to, or
 * its hash once none came for three seconds; each change overtakes what waits in the queue before.
 *
 * <p>bpf(2), {@code BPF_PROG_LOAD}; an instruction is
 *
 * <pre>
 * | code 1 | source 4 bits, destination 4 bits | offset 2 | immediate 4 |    linux/bpf.h
 * </pre>
 *
 * <p>A load from the packet goes to R0, needs the context in R6, and ends the program with 0 beyond the packet's end.
 */
final class QueueProgram {
    /** {@code union bpf_attr}, as far as it is used. */
    static final int ATTR_BYTES = 48;

    static final int INSN_CNT_OFFSET = 4;
    static final int INSNS_OFFSET = 8;
    static final int LICENSE_OFFSET = 16;

    static final int INSTRUCTION_BYTES = 8;
    static final int BPF_PROG_LOAD = 5;
    static final int BPF_PROG_TYPE_SOCKET_FILTER = 1;

    private static final byte[] LICENSE = {'A', 'p', 'a', 'c', 'h', 'e', '-', '2', '.', '0', 0};

    private static final int BPF_X86_64 = 321;
    private static final int BPF_ARM64 = 280;

    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_WORD = 0x20;
    private static final int LOAD_WORD_BEHIND = 0x40;
    private static final int LOAD_CONSTANT = 0x18;
    private static final int MOVE = 0xbf;
    private static final int MOVE_CONSTANT = 0xb7;
    private static final int AND_CONSTANT = 0x57;
    private static final int SHIFT_LEFT = 0x67;
    private static final int SHIFT_RIGHT = 0x77;
    private static final int XOR = 0xaf;
    private static final int MULTIPLY = 0x2f;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_UNLESS_EQUAL = 0x55;
    private static final int EXIT = 0x95;

    private static final int RESULT = 0;
    private static final int ARGUMENT = 1;
    private static final int CONTEXT = 6;
    private static final int HASH = 7;
    private static final int FACTOR = 8;
    private static final int PORTS_AT = 9;

    private static final String NO_HASH = "no hash";
    private static final String IPV6 = "IPv6";
    private static final String TRANSPORT = "transport";
    private static final String PORTS = "ports";
    private static final String DONE = "done";

    /** An odd number, so that multiplying loses nothing; another one at each start, so that nobody can aim. */
    private static final long RANDOM_FACTOR = ThreadLocalRandom.current().nextLong() | 1;

    private final int packetAt;
    private final List<Long> instructions = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final Map<Integer, String> jumps = new HashMap<>();

    private QueueProgram(long factor, int packetAt) {
        this.packetAt = packetAt;
        add(MOVE, CONTEXT, ARGUMENT, 0);
        add(LOAD_CONSTANT, FACTOR, 0, (int) factor);
        add(0, 0, 0, (int) (factor >>> 32));
        add(MOVE_CONSTANT, HASH, 0, 0);
        add(LOAD_BYTE, 0, 0, packetAt);
        add(MOVE, PORTS_AT, RESULT, 0);
        add(SHIFT_RIGHT, PORTS_AT, 0, 4);
        jump(JUMP_IF_EQUAL, PORTS_AT, 6, IPV6);
        jump(JUMP_UNLESS_EQUAL, PORTS_AT, 4, NO_HASH);
        hashIpv4();
        label(IPV6);
        hashIpv6();
        label(TRANSPORT);
        jump(JUMP_IF_EQUAL, RESULT, InnerHeader.TCP, PORTS);
        jump(JUMP_UNLESS_EQUAL, RESULT, InnerHeader.UDP, DONE);
        label(PORTS);
        add(LOAD_WORD_BEHIND, 0, PORTS_AT, packetAt);
        mix();
        label(DONE);
        add(MOVE, RESULT, HASH, 0);
        // The upper bits are those that every bit of the packet's has gone into.
        add(SHIFT_RIGHT, RESULT, 0, 33);
        add(EXIT, 0, 0, 0);
        label(NO_HASH);
        add(MOVE_CONSTANT, RESULT, 0, 0);
        add(EXIT, 0, 0, 0);
    }

    /** RFC 791 section 3.1. */
    private void hashIpv4() {
        add(MOVE, PORTS_AT, RESULT, 0);
        add(AND_CONSTANT, PORTS_AT, 0, 0xf);
        add(SHIFT_LEFT, PORTS_AT, 0, 2);
        mixWords(12, 20);
        add(LOAD_HALF, 0, 0, packetAt + 6);
        add(AND_CONSTANT, RESULT, 0, 0x3fff);
        jump(JUMP_UNLESS_EQUAL, RESULT, 0, DONE);
        add(LOAD_BYTE, 0, 0, packetAt + 9);
        jump(JUMP, 0, 0, TRANSPORT);
    }

    /** RFC 8200 section 3. */
    private void hashIpv6() {
        add(MOVE_CONSTANT, PORTS_AT, 0, 40);
        mixWords(8, 40);
        add(LOAD_BYTE, 0, 0, packetAt + 6);
    }

    private void mixWords(int from, int to) {
        for (int at = from; at < to; at += Integer.BYTES) {
            add(LOAD_WORD, 0, 0, packetAt + at);
            mix();
        }
    }

    private void mix() {
        add(XOR, HASH, RESULT, 0);
        add(MULTIPLY, HASH, FACTOR, 0);
    }

    private void add(int code, int destination, int source, int immediate) {
        instructions.add((long) immediate << 32 | (long) source << 12 | (long) destination << 8 | code);
    }

    private void jump(int code, int register, int immediate, String label) {
        jumps.put(instructions.size(), label);
        add(code, register, 0, immediate);
    }

    private void label(String name) {
        labels.put(name, instructions.size());
    }

    private NativeBlock assembled() {
        NativeBlock block = new NativeBlock(instructions.size() * INSTRUCTION_BYTES);
        ByteBuffer bytes = block.bytes();
        for (int index = 0; index < instructions.size(); index++) {
            bytes.putLong(index * INSTRUCTION_BYTES, instructions.get(index));
        }
        jumps.forEach((index, label) -> bytes.putShort(
                index * INSTRUCTION_BYTES + 2, (short) (Objects.requireNonNull(labels.get(label)) - index - 1)));
        return block;
    }

    /**
     * Hands the program to the kernel. Returns a descriptor of it, which the caller closes; it may do so when the
     * device has it.
     *
     * @param linkBytes what stands before the IP packet
     * @throws DeviceException when the kernel does not take it: the process may not, or the processor is none that the
     *     number of the call is known for
     */
    static int load(int linkBytes) {
        QueueProgram program = new QueueProgram(RANDOM_FACTOR, linkBytes);
        NativeBlock code = program.assembled();
        NativeBlock license = new NativeBlock(LICENSE.length);
        license.bytes().put(0, LICENSE);
        NativeBlock attr = new NativeBlock(ATTR_BYTES);
        attr.bytes().putInt(0, BPF_PROG_TYPE_SOCKET_FILTER);
        attr.bytes().putInt(INSN_CNT_OFFSET, program.instructions.size());
        attr.bytes().putLong(INSNS_OFFSET, code.address());
        attr.bytes().putLong(LICENSE_OFFSET, license.address());
        try {
            int fd = VariadicLibC.INSTANCE
                    .syscall(new NativeLong(callNumber()), BPF_PROG_LOAD, new Pointer(attr.address()), ATTR_BYTES)
                    .intValue();
            if (fd < 0) {
                throw new DeviceException("bpf: " + Errno.text(Errno.last()));
            }
            return fd;
        } finally {
            Reference.reachabilityFence(code);
            Reference.reachabilityFence(license);
            Reference.reachabilityFence(attr);
        }
    }

    private static int callNumber() {
        return switch (Platform.ARCH) {
            case "x86-64" -> BPF_X86_64;
            case "aarch64" -> BPF_ARM64;
            default -> throw new DeviceException("bpf: the number of the call on " + Platform.ARCH + " is not known");
        };
    }
}
