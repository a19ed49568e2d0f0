package net.vgate.record;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * One DTLS association with a peer that has proved its identity: keys, connection IDs, sequence numbers and replay
 * window, taken by a worker as one object.
 *
 * <p><b>Threading.</b> Every worker may seal on it, each with a key object of its own; one opens, see
 * {@link RecordProtector}. Any thread may read its figures and call {@link #sealControl}. Keys are destroyed through
 * {@link Quiescence} only.
 */
public final class Association {
    /** Wrong tags that a key may see: half of what RFC 9147 section 4.5.3 allows for each of the algorithms. */
    static final long MAX_FAILED_OPENINGS = 1L << 35;

    private static final int CLOSE_NOTIFY = 0;
    private static final int WARNING = 1;

    private final Terms terms;
    private final long establishedNanos;
    private final ControlProtector control;

    private final AeadAlgorithm algorithm;
    private final Aead aead;
    private final AeadKey[] sealingKeys;
    private final FixedIv sealingIv;

    private final AeadKey openingKey;
    private final FixedIv openingIv;
    private final byte[] openingCid;
    private final ReplayWindow window = new ReplayWindow(ReplayWindow.DEFAULT_BITS);
    private final Counter opened = new Counter();
    private final Counter openedBytes = new Counter();
    private final Counter failedOpenings = new Counter();
    private final Counter replays = new Counter();
    private final Counter lastAuthenticatedNanos = new Counter();

    private volatile SendPath sendPath;
    private volatile @Nullable Path elsewhere;
    private boolean isElsewhereNoted;
    private volatile boolean takesPartialChecksums;
    private volatile boolean copiesEcn;
    private volatile boolean takesFragments;
    private volatile int innerMtu = Integer.MAX_VALUE;
    private volatile VnetAdmission admission = VnetAdmission.NOTHING_AGREED;
    private volatile boolean retired;
    private volatile boolean isHeld;
    private volatile long heldUntilNanos;

    /**
     * What the handshake agreed on.
     *
     * @param cipherSuite its IANA name
     * @param peerCertificateExpires when the peer's own certificate does, by the wall clock; null if it has proved who
     *     it is by a pre-shared key
     */
    public record Terms(
            ConnectionIds ids,
            Role role,
            PeerIdentity peer,
            String cipherSuite,
            @Nullable Instant peerCertificateExpires) {}

    /**
     * Between which sockets datagrams go.
     *
     * @param local index of our socket, or {@link #STREAM}
     * @param remote the peer's address
     */
    public record Path(int local, InetSocketAddress remote) {
        /** In place of a socket's index: {@code remote} names a stream. No index of a socket is as large. */
        public static final int STREAM = 1 << 16;
    }

    /** A path, and the peer's address in the kernel's form. */
    private static final class SendPath {
        private final Path path;
        private final ByteBuffer outerAddress = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);

        SendPath(Path path) {
            this.path = path;
            OuterAddress.write(outerAddress, 0, path.remote());
        }
    }

    /**
     * @param keys copied
     * @param control made from the same keys; it becomes the association's
     * @param aead who computes, unless it does not support the algorithm; then {@link JceAead} does
     * @param workers how many may seal
     * @param establishedNanos the time now
     */
    public Association(
            Terms terms,
            Path path,
            RecordKeys keys,
            ControlProtector control,
            Aead aead,
            int workers,
            long establishedNanos) {
        this.terms = terms;
        this.sendPath = new SendPath(path);
        this.establishedNanos = establishedNanos;
        this.control = control;
        this.algorithm = keys.algorithm();
        this.aead = aead.supports(algorithm) ? aead : new JceAead();
        this.sealingKeys = new AeadKey[workers];
        Arrays.setAll(sealingKeys, worker -> keys.newWriteKey(this.aead));
        this.sealingIv = keys.writeIv();
        this.openingKey = keys.newReadKey(this.aead);
        this.openingIv = keys.readIv();
        this.openingCid = ByteBuffer.allocate(RecordFormat.LOCAL_CID_BYTES)
                .putLong(terms.ids().local())
                .array();
        this.lastAuthenticatedNanos.set(establishedNanos);
    }

    /** Our connection ID: the association's name in this process, also where it is not on the wire. */
    public long id() {
        return terms.ids().local();
    }

    /** The connection IDs of both directions. */
    public ConnectionIds ids() {
        return terms.ids();
    }

    /** Who the peer proved to be. */
    public PeerIdentity peer() {
        return terms.peer();
    }

    /** Which end of the handshake we were. */
    public Role role() {
        return terms.role();
    }

    /** IANA name of the cipher suite. */
    public String cipherSuite() {
        return terms.cipherSuite();
    }

    /** What protects its records. */
    public AeadAlgorithm algorithm() {
        return algorithm;
    }

    /** Name of the provider that computes, see {@link Aead#name}. */
    public String aeadName() {
        return aead.name();
    }

    /** When the certificate by which the peer proved its identity expires; null if it was a pre-shared key. */
    public @Nullable Instant peerCertificateExpires() {
        return terms.peerCertificateExpires();
    }

    /** By which path datagrams are sent. */
    public Path path() {
        return sendPath.path;
    }

    /** Where datagrams are sent. */
    public InetSocketAddress remote() {
        return sendPath.path.remote();
    }

    /** Index of our socket. */
    public int local() {
        return sendPath.path.local();
    }

    /**
     * From now on datagrams are sent by {@code path}. The Conductor only, and only when the peer has shown that it is
     * there.
     *
     * @throws IllegalStateException when records of the peer are told by its address
     */
    public void move(Path path) {
        if (!terms.ids().received()) {
            throw new IllegalStateException("without a connection ID the peer's address is the association's name");
        }
        sendPath = new SendPath(path);
    }

    /**
     * A path that the newest record came by, and that is not the one by which datagrams are sent; null when there was
     * none since {@link #forgetElsewhere}. Any thread.
     */
    public @Nullable Path elsewhere() {
        return elsewhere;
    }

    /** Lets the next record from elsewhere be noted. The Conductor only. */
    public void forgetElsewhere() {
        elsewhere = null;
    }

    /** Whether {@link #elsewhere} was noted since the last call. The worker that opens only. */
    public boolean takeNotedElsewhere() {
        boolean taken = isElsewhereNoted;
        isElsewhereNoted = false;
        return taken;
    }

    /** When the handshake was done, on the clock of the process. */
    public long establishedNanos() {
        return establishedNanos;
    }

    /** What sealing adds to a payload, in bytes, UDP and IP headers not counted. */
    public int overheadBytes() {
        return RecordFormat.overheadBytes(algorithm, terms.ids().remoteBytes());
    }

    /** What opening takes off a record, in bytes. */
    int openOverheadBytes() {
        return RecordFormat.overheadBytes(algorithm, terms.ids().receivedBytes());
    }

    int explicitNonceBytes() {
        return algorithm.explicitNonceBytes();
    }

    /** How much of {@link #overheadBytes} comes after the payload. */
    public int tailBytes() {
        return RecordFormat.contentTypeBytes(terms.ids().remoteBytes()) + AeadBatch.TAG_BYTES;
    }

    /** Whether the peer takes packets whose transport checksum is partial. Any thread. */
    public boolean takesPartialChecksums() {
        return takesPartialChecksums;
    }

    /** The peer has offered to take packets whose transport checksum is partial. Any thread. */
    public void takePartialChecksums() {
        takesPartialChecksums = true;
    }

    /** Whether the peer combines the ECN fields of the outer and the inner header. Any thread. */
    public boolean copiesEcn() {
        return copiesEcn;
    }

    /** The peer has offered to combine the ECN fields of the outer and the inner header (RFC 6040). Any thread. */
    public void copyEcn() {
        copiesEcn = true;
    }

    /** Whether the peer puts packets together that come in fragments of the tunnel. Any thread. */
    public boolean takesFragments() {
        return takesFragments;
    }

    /** The peer has offered to put packets together that come in fragments of the tunnel. Any thread. */
    public void takeFragments() {
        takesFragments = true;
    }

    /** The largest inner packet that the path carries whole, in bytes; no limit until {@link #fit}. Any thread. */
    public int innerMtu() {
        return innerMtu;
    }

    /** From now on inner packets are at most {@code bytes} long. Any thread. */
    public void fit(int bytes) {
        innerMtu = bytes;
    }

    /** Which V-nets both ends let travel on it. Any thread. */
    public VnetAdmission admission() {
        return admission;
    }

    /** From now on only V-nets of {@code next} travel on it. Any thread. */
    public void admit(VnetAdmission next) {
        admission = next;
    }

    /**
     * From now on data that is sealed on it is not sent before {@link #release}, or before it is {@code untilNanos}.
     * Any thread.
     */
    public void hold(long untilNanos) {
        heldUntilNanos = untilNanos;
        isHeld = true;
    }

    /** Data need not wait any more. Any thread. */
    public void release() {
        isHeld = false;
    }

    /** Whether data that is sealed on it has to wait; as of when time was last looked at. Any thread. */
    public boolean isHeld() {
        return isHeld;
    }

    /** Whether data has to wait still; when time is up, it is released. Any thread. */
    public boolean isHeld(long nowNanos) {
        if (isHeld && nowNanos - heldUntilNanos >= 0) {
            release();
        }
        return isHeld;
    }

    /** How many records were sealed, those of control and burned numbers included. */
    public long sealedRecords() {
        return control.sequence().taken();
    }

    /** How many bytes of plaintext were sealed. */
    public long sealedBytes() {
        return control.sequence().bytes();
    }

    /** How many authentic records were opened. */
    public long openedRecords() {
        return opened.get();
    }

    /** How many bytes of plaintext were opened. */
    public long openedBytes() {
        return openedBytes.get();
    }

    /** How many records did not authenticate. */
    public long failedOpenings() {
        return failedOpenings.get();
    }

    /** How many records had been seen before, or were too old to tell. */
    public long replays() {
        return replays.get();
    }

    /** When an authentic record last came, at first when the association was established. */
    public long lastAuthenticatedNanos() {
        return lastAuthenticatedNanos.get();
    }

    /**
     * A whole record of application data, for control messages. Any thread.
     *
     * @return null when the association is retired or its key is at its limit
     */
    public byte @Nullable [] sealControl(byte[] payload) {
        return seal(RecordFormat.APPLICATION_DATA, payload);
    }

    /** A whole record that tells the peer that we close; null when the association is retired. Any thread. */
    public byte @Nullable [] sealCloseNotify() {
        return seal(RecordFormat.ALERT, new byte[] {WARNING, CLOSE_NOTIFY});
    }

    /** A whole record of any content type; null when the association is retired. Any thread. */
    public byte @Nullable [] seal(int contentType, byte[] content) {
        return retired ? null : control.seal(contentType, content, 0, content.length);
    }

    /** Opens a record apart from the data path, see {@link ControlProtector#open(byte[], int, int)}. Any thread. */
    public @Nullable OpenedRecord openApart(byte[] bytes, int at, int length) {
        return control.open(bytes, at, length);
    }

    /**
     * Whether the datagram of {@code bytes} bytes at {@code at} begins with a record that was sealed on this
     * association. It is told by the connection ID that the peer chose; without one it is never so. Any thread.
     */
    public boolean hasSealed(ByteBuffer buffer, int at, int bytes) {
        return RecordFormat.hasCid(buffer, at, bytes, terms.ids().remote());
    }

    /** Whether {@link Quiescence#retire} was called for it. */
    public boolean isRetired() {
        return retired;
    }

    void retire() {
        retired = true;
    }

    void destroy() {
        for (AeadKey key : sealingKeys) {
            key.destroy();
        }
        openingKey.destroy();
        control.destroy();
    }

    SequenceSource sequence() {
        return control.sequence();
    }

    AeadKey sealingKey(int worker) {
        return sealingKeys[worker];
    }

    FixedIv sealingIv() {
        return sealingIv;
    }

    AeadKey openingKey() {
        return openingKey;
    }

    FixedIv openingIv() {
        return openingIv;
    }

    /** Our connection ID as bytes; not to be changed. */
    byte[] openingCid() {
        return openingCid;
    }

    ReplayWindow window() {
        return window;
    }

    /** The peer's address in the kernel's form. */
    ByteBuffer outerAddress() {
        return sendPath.outerAddress;
    }

    /**
     * Sends the datagram in {@code slot} by the path that there is now, socket and address of one and the same. Any
     * thread.
     */
    public void address(PacketBatch batch, int slot) {
        SendPath now = sendPath;
        OuterAddress.copy(now.outerAddress, 0, batch.addresses(), batch.addressOffset(slot));
        batch.setLocal(slot, now.path.local());
    }

    /** The newest record came by {@code local} from the address at {@code at}. The worker that opens only. */
    void cameFrom(int local, ByteBuffer addresses, int at) {
        SendPath now = sendPath;
        boolean isSame = local == now.path.local() && OuterAddress.same(addresses, at, now.outerAddress, 0);
        // A stream, or a relay, is another way altogether, which is not gone over to like that.
        boolean isElsewhere = !isSame
                && local < Path.STREAM
                && now.path.local() != Path.STREAM
                && OuterAddress.isThere(addresses, at)
                && terms.ids().received();
        // An object is made only when control has forgotten the last one.
        if (isElsewhere && elsewhere == null) {
            elsewhere = new Path(local, OuterAddress.read(addresses, at));
            isElsewhereNoted = true;
        }
    }

    void countOpened(long records, long bytes, long nowNanos) {
        opened.add(records);
        openedBytes.add(bytes);
        lastAuthenticatedNanos.set(nowNanos);
    }

    void countFailed() {
        failedOpenings.add(1);
    }

    void countReplay() {
        replays.add(1);
    }

    @Override
    public String toString() {
        return "Association " + terms.ids() + " with " + terms.peer();
    }
}
