package net.vgate.control;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.vgate.observe.StatusReport;
import org.jspecify.annotations.Nullable;

/**
 * The names of peers, and the addresses that they have, by the JDK's resolver: at the start and at each reload, every
 * {@value #EVERY_SECONDS} seconds, and sooner when a peer is not to be had where it was. The resolver does not tell how
 * long an answer is good for, and keeps none itself. When a name cannot be looked up, its last addresses stay.
 *
 * <p><b>Threading.</b> The conductor's thread only. The resolver blocks, so it is asked on threads that end when there
 * is nothing to look up; it cannot be interrupted, and is asked for a name again only when it has answered.
 */
public final class NameLookups implements AutoCloseable {
    static final int EVERY_SECONDS = 30;

    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(EVERY_SECONDS);

    /** A peer that is away is not asked for more often than this. */
    private static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** After this it counts as failed, whatever may come of it later. */
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int THREADS = 4;

    /** Of one name: whoever answers for it must not have us call, and measure paths to, any number of places. */
    private static final int MAX_ADDRESSES = 8;

    static {
        // Before the first look-up of the process, or else it counts for nothing: an address stays 30 s, a failure 10.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    private final Inbox<Command> conductor;
    private final LongSupplier nanoClock;
    private final Resolver resolver;
    private final ThreadPoolExecutor threads;
    private final Map<String, Name> names = new LinkedHashMap<>();
    private Runnable changed = () -> {};

    /** What is known of one name. */
    private static final class Name {
        private List<InetAddress> addresses = List.of();
        private long lookups;
        private long failures;
        private StatusReport.@Nullable Failure lastFailure;
        private boolean isFailing;
        private boolean isAsked;

        /** Whether the answer has been waited for too long. */
        private boolean isLate;

        private long askedAt;
        private long dueAt;
    }

    /** What answers for a name, and may take its time. */
    interface Resolver {
        List<InetAddress> addresses(String name) throws UnknownHostException;
    }

    public NameLookups(Inbox<Command> conductor, LongSupplier nanoClock) {
        this(conductor, nanoClock, name -> Arrays.asList(InetAddress.getAllByName(name)));
    }

    NameLookups(Inbox<Command> conductor, LongSupplier nanoClock, Resolver resolver) {
        this.resolver = resolver;
        this.conductor = conductor;
        this.nanoClock = nanoClock;
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), NameLookups::thread);
        threads.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "name-lookup");
        thread.setDaemon(true);
        return thread;
    }

    /** Calls {@code listener} by the conductor's thread whenever a name has got other addresses, or cannot be had. */
    void onChange(Runnable listener) {
        changed = listener;
    }

    /** These are the names from now on, and each is looked up at once. */
    void adopt(Collection<String> wanted, long now) {
        names.keySet().retainAll(wanted);
        for (String name : wanted) {
            names.computeIfAbsent(name, unknown -> new Name()).dueAt = now;
        }
        tick(now);
    }

    /** Whoever has these names is not where they led to. */
    void hurry(Collection<String> wanted, long now) {
        for (String name : wanted) {
            Name one = names.get(name);
            if (one != null && one.dueAt - now > 0) {
                long soon = Math.max(now, one.askedAt + HURRY_NANOS);
                one.dueAt = soon - one.dueAt < 0 ? soon : one.dueAt;
            }
        }
    }

    /** The addresses of {@code name}, as last known, in the resolver's order. */
    List<InetAddress> addresses(String name) {
        Name one = names.get(name);
        return one == null ? List.of() : one.addresses;
    }

    /** Why the last look-up of {@code name} failed; null if it did not. */
    @Nullable
    String failure(String name) {
        Name one = names.get(name);
        return one == null || !one.isFailing || one.lastFailure == null ? null : one.lastFailure.reason();
    }

    /** What is due by now. */
    void tick(long now) {
        List.copyOf(names.entrySet()).forEach(entry -> tick(entry.getKey(), entry.getValue(), now));
    }

    private void tick(String name, Name one, long now) {
        if (one.isAsked) {
            if (!one.isLate && now - one.askedAt >= DEADLINE_NANOS) {
                one.isLate = true;
                failed(one, "no answer within " + TimeUnit.NANOSECONDS.toSeconds(DEADLINE_NANOS) + " s");
            }
        } else if (now - one.dueAt >= 0) {
            one.isAsked = true;
            one.isLate = false;
            one.askedAt = now;
            one.dueAt = now + EVERY_NANOS;
            one.lookups++;
            threads.execute(() -> lookUp(name, one));
        }
    }

    private void lookUp(String name, Name one) {
        try {
            List<InetAddress> found = few(resolver.addresses(name));
            conductor.put(new Command.Run(() -> found(one, found)));
        } catch (RuntimeException broken) {
            conductor.put(new Command.Run(() -> answered(one, "the resolver fails: " + broken)));
        } catch (UnknownHostException unknown) {
            String reason = String.valueOf(unknown.getMessage());
            String prefix = name + ": ";
            String why = reason.startsWith(prefix) ? reason.substring(prefix.length()) : "there is no such name";
            conductor.put(new Command.Run(() -> answered(one, why)));
        }
    }

    /** A resolver that goes round with the order gives the same of many each time. */
    private static List<InetAddress> few(List<InetAddress> found) {
        return found.size() <= MAX_ADDRESSES
                ? found
                : found.stream()
                        .sorted(Comparator.comparing(InetAddress::getHostAddress))
                        .limit(MAX_ADDRESSES)
                        .toList();
    }

    private void found(Name one, List<InetAddress> found) {
        one.isAsked = false;
        boolean wasFailing = one.isFailing;
        one.isFailing = false;
        // A resolver that goes round with the order says nothing new.
        boolean isOther = !new HashSet<>(one.addresses).equals(new HashSet<>(found));
        if (isOther) {
            one.addresses = List.copyOf(found);
        }
        if (isOther || wasFailing) {
            changed.run();
        }
    }

    private void answered(Name one, String failure) {
        one.isAsked = false;
        if (!one.isLate) {
            failed(one, failure);
        }
    }

    private void failed(Name one, String reason) {
        boolean wasFailing = one.isFailing;
        one.failures++;
        one.isFailing = true;
        one.lastFailure = new StatusReport.Failure(Instant.now(), reason);
        one.dueAt = Math.min(one.dueAt - one.askedAt, HURRY_NANOS) + nanoClock.getAsLong();
        if (!wasFailing) {
            changed.run();
        }
    }

    /** When {@link #tick} is due at the latest. */
    long wakeAt() {
        return names.values().stream()
                .mapToLong(
                        one -> one.isAsked ? (one.isLate ? Long.MAX_VALUE : one.askedAt + DEADLINE_NANOS) : one.dueAt)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    List<StatusReport.Name> status() {
        return names.entrySet().stream()
                .map(entry -> new StatusReport.Name(
                        entry.getKey(),
                        entry.getValue().addresses.stream()
                                .map(InetAddress::getHostAddress)
                                .toList(),
                        entry.getValue().lookups,
                        entry.getValue().failures,
                        entry.getValue().lastFailure))
                .toList();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
