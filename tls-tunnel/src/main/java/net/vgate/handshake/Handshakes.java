package net.vgate.handshake;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.NonDataRecords;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordFormat;
import net.vgate.record.Role;
import org.jspecify.annotations.Nullable;

/**
 * All handshakes of the process, each on a thread of a bounded pool, and what has to do with them afterwards: alerts,
 * and a client that repeats its last flight. What does not fit is dropped, never queued.
 *
 * <p><b>Threading.</b> {@link #receive} is for one thread and does not wait; everything else may be called by any.
 */
public final class Handshakes implements NonDataRecords, AutoCloseable {
    /** The largest datagram that a handshake takes, in bytes: nobody needs one. */
    private static final int MAX_DATAGRAM_BYTES = 1 << 14;

    private final HandshakeEnvironment environment;
    private final HandshakeLimits limits;
    private final HandshakeListener listener;
    private final Cookies cookies;
    private final Admission admission;
    private final HandshakeCounters counters = new HandshakeCounters();
    private final Map<Association.Path, Running> byPath = new ConcurrentHashMap<>();
    private final Map<Long, Running> byCid = new ConcurrentHashMap<>();
    private final Map<Long, PeerProof> proofs = new ConcurrentHashMap<>();
    private final ExecutorService pool;
    private final AssociationAttendant attendant;

    private volatile HandshakePolicy policy;
    private volatile boolean closed;

    /** A handshake under way. */
    private static final class Running {
        private final DtlsHandshake handshake;
        private final byte[] clientRandom;
        private final Runnable leave;

        /**
         * One that is about to start.
         *
         * @param clientRandom of the client, empty in client role
         * @param leave gives its place back
         */
        Running(DtlsHandshake handshake, byte[] clientRandom, Runnable leave) {
            this.handshake = handshake;
            this.clientRandom = clientRandom;
            this.leave = leave;
        }

        DtlsHandshake handshake() {
            return handshake;
        }

        byte[] clientRandom() {
            return clientRandom;
        }

        Runnable leave() {
            return leave;
        }

        Role role() {
            return handshake.plan().role();
        }
    }

    public Handshakes(
            HandshakeEnvironment environment,
            HandshakeLimits limits,
            HandshakePolicy policy,
            HandshakeListener listener) {
        this.environment = environment;
        this.limits = limits;
        this.policy = policy;
        this.listener = listener;
        this.cookies = new Cookies(
                new HandshakeCrypto(environment.random(), 0, null),
                limits.hellosPerSecond(),
                limits.hellosPerSource(),
                environment.nanoClock());
        this.admission = new Admission(limits, environment.nanoClock());
        // Twice as many threads as places: one that gave its place back is not yet waiting for work.
        this.pool = new ThreadPoolExecutor(
                0, 2 * limits.concurrent(), 10, TimeUnit.SECONDS, new SynchronousQueue<>(), threads());
        this.attendant = new AssociationAttendant(environment, listener);
    }

    private static ThreadFactory threads() {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "handshake-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Later handshakes go by {@code next}; those under way end as they began. */
    public void adopt(HandshakePolicy next) {
        policy = next;
    }

    /** What handshakes go by now. */
    public HandshakePolicy policy() {
        return policy;
    }

    /** What became of handshakes so far. */
    public HandshakeCounters counters() {
        return counters;
    }

    /** How many handshakes are under way. */
    public int underWay() {
        return admission.underWay();
    }

    /**
     * Begins a handshake with {@code peer}. The listener hears how it ends.
     *
     * @param attempt the caller's name for it, not negative
     * @param worker that is to open what comes
     * @param hasty to give up soon if nothing at all comes, since there are other ways to try
     * @return false, and no word to the listener, when there is no room, or one with that address is under way
     */
    public boolean connect(PeerIdentity peer, int attempt, Association.Path path, int worker, boolean hasty) {
        if (closed || byPath.containsKey(path) || !admission.enterOurs()) {
            return false;
        }
        long cid = environment.table().reserve(worker, environment.random());
        DtlsHandshake.Plan plan = new DtlsHandshake.Plan(Role.CLIENT, path, attempt, peer, cid, null, hasty);
        return start(plan, RecordFilter.client(cid), new byte[0], admission::leaveOurs);
    }

    /**
     * Takes a datagram that is no record for an established association: one thread only; never waits.
     *
     * @return null when it was of use, or why it was dropped
     */
    public @Nullable DropReason receive(int local, InetSocketAddress from, byte[] datagram) {
        if (datagram.length < RecordFormat.HEADER_BYTES || datagram.length > MAX_DATAGRAM_BYTES) {
            return DropReason.NOT_A_RECORD;
        }
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        int version = RecordFormat.version(buffer, 0);
        int type = RecordFormat.contentType(buffer, 0);
        if ((version != RecordFormat.DTLS_1_2 && version != RecordFormat.DTLS_1_0)
                || ((type < RecordFormat.CHANGE_CIPHER_SPEC || type > RecordFormat.APPLICATION_DATA)
                        && type != RecordFormat.TLS12_CID)) {
            return DropReason.NOT_A_RECORD;
        }
        if (RecordFormat.epoch(buffer, 0) > RecordFormat.PROTECTED_EPOCH) {
            return DropReason.WRONG_EPOCH;
        }
        Association.Path path = new Association.Path(local, from);
        if (Cookies.isClientHello(datagram)) {
            return receiveClientHello(path, datagram);
        }
        Running running = find(path, buffer, type);
        return counted(running != null ? hand(datagram, running) : attendant.receive(path, datagram));
    }

    private static @Nullable DropReason hand(byte[] datagram, Running running) {
        return running.handshake().transport().accept(datagram) ? null : DropReason.HANDSHAKE_FILTERED;
    }

    /**
     * Every datagram is counted: here, or as a challenge, or by the caller under the reason for which it is dropped.
     */
    private @Nullable DropReason counted(@Nullable DropReason reason) {
        if (reason == null) {
            counters.countTaken();
        }
        return reason;
    }

    private @Nullable Running find(Association.Path path, ByteBuffer datagram, int type) {
        if (type != RecordFormat.TLS12_CID) {
            return byPath.get(path);
        }
        return datagram.capacity() < RecordFormat.HEADER_BYTES + RecordFormat.LOCAL_CID_BYTES
                ? null
                : byCid.get(RecordFormat.localCid(datagram, 0));
    }

    private @Nullable DropReason receiveClientHello(Association.Path path, byte[] clientHello) {
        HandshakePolicy now = policy;
        InetAddress source = path.remote().getAddress();
        boolean configured = now.peers().addresses().contains(source);
        byte[] clientRandom = Cookies.clientRandom(clientHello);
        Running before = byPath.get(path);
        if (before != null) {
            if (before.role() == Role.CLIENT) {
                return DropReason.HANDSHAKE_FILTERED;
            }
            if (Arrays.equals(before.clientRandom(), clientRandom)) {
                return counted(hand(clientHello, before));
            }
        }
        Cookies.Verdict verdict = cookies.verify(path, clientHello, configured);
        if (verdict.reply() != null) {
            counters.countChallenged();
            environment.sender().send(path.local(), verdict.reply(), 0, verdict.reply().length, path.remote());
            return null;
        }
        if (verdict.request() == null) {
            return verdict.reason();
        }
        if (before != null) {
            // The client began anew, at an address where it has just shown to be.
            before.handshake().transport().cancel();
        }
        DropReason refused = closed ? DropReason.HANDSHAKE_LIMIT : admission.enter(source, configured);
        if (refused != null) {
            return refused;
        }
        // A gateway's connection ID says which of its workers opens; the same one here, and lanes do not meet.
        int worker = environment.table().steering().workerOf(ClientHello.lastByteOfConnectionId(clientHello));
        long cid = environment.table().reserve(worker, environment.random());
        DtlsHandshake.Plan plan = new DtlsHandshake.Plan(Role.SERVER, path, -1, null, cid, verdict.request(), false);
        RecordFilter filter = RecordFilter.server(cid, clientHello);
        return counted(
                start(plan, filter, clientRandom, () -> admission.leave(source, configured))
                        ? null
                        : DropReason.HANDSHAKE_LIMIT);
    }

    private boolean start(DtlsHandshake.Plan plan, RecordFilter filter, byte[] clientRandom, Runnable leave) {
        DtlsHandshake handshake = new DtlsHandshake(plan, environment, policy, limits, filter);
        Running running = new Running(handshake, clientRandom, leave);
        byCid.put(plan.localCid(), running);
        Running before = byPath.put(plan.path(), running);
        try {
            if (before != null && plan.role() == Role.CLIENT) {
                throw new RejectedExecutionException("another thread was faster");
            }
            pool.execute(() -> run(running));
        } catch (RejectedExecutionException e) {
            if (before != null) {
                byPath.replace(plan.path(), running, before);
            }
            forget(running);
            leave.run();
            environment.table().release(plan.localCid());
            return false;
        }
        counters.countStarted(plan.role());
        return true;
    }

    private void run(Running running) {
        try {
            HandshakeFailure failure = runToItsEnd(running);
            if (failure == null) {
                report(running.handshake());
            } else {
                counters.countFailed(failure.role(), failure.reason());
                listener.failed(failure);
            }
        } finally {
            running.leave().run();
        }
    }

    private @Nullable HandshakeFailure runToItsEnd(Running running) {
        DtlsHandshake handshake = running.handshake();
        try {
            HandshakeFailure failure = handshake.run();
            if (failure != null) {
                environment.table().release(handshake.plan().localCid());
            }
            return failure;
        } finally {
            counters.countRefusedRecords(handshake.transport().refused());
            forget(running);
        }
    }

    private void forget(Running running) {
        byPath.remove(running.handshake().plan().path(), running);
        byCid.remove(running.handshake().plan().localCid(), running);
    }

    private void report(DtlsHandshake handshake) {
        Association association = handshake.association();
        if (association == null) {
            throw new IllegalStateException("a handshake neither failed nor succeeded");
        }
        counters.countEstablished(association.role());
        FinalFlight finalFlight = handshake.finalFlight();
        if (finalFlight != null) {
            attendant.remember(association, finalFlight);
        }
        PeerProof proof = handshake.proof();
        if (proof != null) {
            proofs.put(association.id(), proof);
        }
        Association replaced = handshake.replaced();
        if (replaced != null) {
            listener.closed(replaced, CloseReason.REPLACED);
        }
        if (association.role() == Role.CLIENT) {
            listener.connected(association.peer(), handshake.plan().attempt(), association);
        } else {
            listener.accepted(association);
        }
    }

    /**
     * Tells the peer that the association is closed, if {@code notifyPeer}, and takes it out of the table. The keys
     * live until the caller retires it.
     */
    public void close(Association association, boolean notifyPeer) {
        if (notifyPeer) {
            byte[] record = association.sealCloseNotify();
            if (record != null) {
                environment.sender().send(association.local(), record, 0, record.length, association.remote());
            }
        }
        environment.table().remove(association);
        proofs.remove(association.id());
        attendant.forget(association);
    }

    /**
     * Why the peer of {@code association} would be turned away by what handshakes go by now, in one line: it was
     * revoked since, or nobody whom we trust answers for it any more. That a certificate has expired since is left to
     * the next handshake.
     */
    public Optional<String> objection(Association association) {
        PeerProof proof = proofs.get(association.id());
        return proof == null
                ? Optional.empty()
                : proof.against(policy).map(why -> why.reason().label() + ": " + DtlsHandshake.printable(why.detail()));
    }

    @Override
    public boolean offer(Association association, int contentType, byte[] content) {
        return attendant.offer(association, contentType, content);
    }

    /** Ends all handshakes under way; associations stay as they are. */
    @Override
    public void close() {
        closed = true;
        byCid.values().forEach(running -> running.handshake().transport().cancel());
        pool.shutdown();
        attendant.close();
    }
}
