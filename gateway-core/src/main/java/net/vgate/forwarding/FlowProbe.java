package net.vgate.forwarding;

import net.vgate.packet.InnerHeader;
import org.jspecify.annotations.Nullable;

/**
 * What one worker looks flows up by, and where it found one. Reused for each packet; belongs to one thread.
 *
 * <p>A flow's key has the member's side and the remote side, so that both directions have one key.
 */
public final class FlowProbe {
    private static final long ECHO_OF_MEMBER = 1L << 40;
    private static final long ECHO_OF_REMOTE = 1L << 41;

    private final FlowHash hashing;
    private final @Nullable FlowProbe mover;

    private long memberHi;
    private long memberLo;
    private long remoteHi;
    private long remoteLo;
    private long ports;
    private long hash;

    private @Nullable FlowBuckets buckets;
    private int bucket;
    private int slot;
    private long word;

    public FlowProbe(FlowHash hashing) {
        this(hashing, new FlowProbe(hashing, null));
    }

    private FlowProbe(FlowHash hashing, @Nullable FlowProbe mover) {
        this.hashing = hashing;
        this.mover = mover;
    }

    /** Another probe of the same worker, for flows that it moves on the way. */
    FlowProbe mover() {
        return mover == null ? this : mover;
    }

    /** The member's address, in its own form. */
    public FlowProbe member(long hi, long lo) {
        memberHi = hi;
        memberLo = lo;
        return this;
    }

    /** The other side's address, as this site sees it. */
    public FlowProbe remote(long hi, long lo) {
        remoteHi = hi;
        remoteLo = lo;
        return this;
    }

    /**
     * What is used beside the addresses; completes the key.
     *
     * @param protocol 8 bits
     * @param memberPort 16 bits
     * @param remotePort 16 bits
     */
    public FlowProbe ports(int protocol, int memberPort, int remotePort) {
        return seal((long) protocol << 32 | (long) memberPort << 16 | remotePort);
    }

    /**
     * The identifier of an ICMP echo, in place of ports; completes the key. Who asks belongs to the key: both sides may
     * ask with one identifier at once.
     *
     * @param protocol ICMP or ICMPv6
     * @param identifier 16 bits
     * @param askedByMember whether requests are sent by the member
     */
    public FlowProbe echo(int protocol, int identifier, boolean askedByMember) {
        return seal((askedByMember ? ECHO_OF_MEMBER : ECHO_OF_REMOTE) | (long) protocol << 32 | identifier);
    }

    private FlowProbe seal(long word) {
        ports = word;
        hash = hashing.of(memberHi, memberLo, remoteHi, remoteLo, word);
        return this;
    }

    /** State of the flow that was found, when it was found. */
    public FlowState state() {
        return FlowWord.state(word);
    }

    /** Whether the member's side started the flow that was found. */
    public boolean isOutbound() {
        return FlowWord.isOutbound(word);
    }

    /** Generation of the policy that permitted the flow that was found, its lower 16 bits. */
    public int generation() {
        return FlowWord.generation(word);
    }

    /** Whether the flow that was found had been silent for too long. */
    public boolean isExpired(long nowNanos) {
        return FlowWord.isExpired(word, FlowWord.tick(nowNanos));
    }

    public int protocol() {
        return (int) (ports >>> 32) & 0xff;
    }

    /** The port that the flow goes to, seen from its starter; 0 for what has no ports. */
    public int destinationPort(boolean outbound) {
        boolean hasPorts = protocol() == InnerHeader.TCP || protocol() == InnerHeader.UDP;
        return !hasPorts ? 0 : (int) (outbound ? ports : ports >>> 16) & 0xffff;
    }

    /**
     * The first rule of {@code policy} that permits the flow from its starter's side, or {@link CompiledPolicy#NONE}.
     */
    public int permittingRule(CompiledPolicy policy, boolean outbound) {
        return policy.permit(outbound, protocol(), memberHi, memberLo, remoteHi, remoteLo, destinationPort(outbound));
    }

    long hash() {
        return hash;
    }

    /** The key, those parts first that differ most. */
    long keyWord(int index) {
        return switch (index) {
            case 0 -> ports;
            case 1 -> memberLo;
            case 2 -> remoteLo;
            case 3 -> memberHi;
            default -> remoteHi;
        };
    }

    /** Takes a key in the order of {@link #keyWord}. */
    void setKeyWords(long first, long second, long third, long fourth, long fifth) {
        memberLo = second;
        remoteLo = third;
        memberHi = fourth;
        remoteHi = fifth;
        seal(first);
    }

    void found(FlowBuckets where, int bucketIndex, int slotIndex, long foundWord) {
        buckets = where;
        bucket = bucketIndex;
        slot = slotIndex;
        word = foundWord;
    }

    @Nullable
    FlowBuckets buckets() {
        return buckets;
    }

    int bucket() {
        return bucket;
    }

    int slot() {
        return slot;
    }

    long word() {
        return word;
    }
}
