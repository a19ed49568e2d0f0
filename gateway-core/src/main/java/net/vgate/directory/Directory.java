package net.vgate.directory;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import net.vgate.attachment.MemberStation;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The embedded directory: the members of V-nets in memory, and in a file that outlives the process and the power. What
 * {@link #apply} has taken is on the disk, and in force.
 *
 * <p>It may narrow what the configuration grants, and never widens it: who goes by it looks at the V-net's configured
 * prefixes as well.
 *
 * <p><b>Threading.</b> Any thread; changes wait for one another, and for the disk.
 */
public final class Directory implements AutoCloseable {
    /** What may be in the file beyond what counts before it is written anew. */
    private static final long SPARE_LINES = 10_000;

    private final Map<String, MemberTable> tables = new ConcurrentHashMap<>();
    private final Journal journal;

    /** One of each, since there are few of them, and many members behind each. */
    private final Map<IpAddress, IpAddress> locators = new ConcurrentHashMap<>();

    private volatile String problem = "";

    /** So long the file has to be until it is tried again to write it anew. */
    private long leastLines;

    private Directory(Path file) {
        journal = Journal.open(file, this::take);
    }

    /**
     * The directory of {@code file}, which is made when it is missing, in a folder that is there.
     *
     * @throws DirectoryException when it cannot be had, is damaged, or another process has it
     */
    public static Directory open(Path file) {
        return new Directory(file);
    }

    /** How much of a change that nobody was told to have been taken was found, and discarded, in bytes. */
    public long discardedBytes() {
        return journal.discardedBytes();
    }

    /** The V-net's listed members: always the same table, which follows what is changed. Never waits. */
    public MemberTable members(String vnet) {
        return tables.computeIfAbsent(vnet, unknown -> new MemberTable());
    }

    /** The V-nets that have members listed, by name, in order. */
    public List<String> vnets() {
        TreeSet<String> names = new TreeSet<>();
        tables.forEach((name, table) -> {
            if (table.size() > 0) {
                names.add(name);
            }
        });
        return List.copyOf(names);
    }

    /** Which state of the directory this is: rises with each change, and when the file is written anew. */
    public synchronized long revision() {
        return journal.revision();
    }

    /**
     * Changes what is listed, all of it or nothing. Returns the new revision.
     *
     * @param wanted says what, of what is listed so far, which nobody changes meanwhile; or throws what is then thrown
     *     to the caller, and nothing is changed
     * @throws DirectoryException when the file does not take it
     */
    public synchronized long apply(Function<Directory, List<MemberChange>> wanted) {
        List<MemberChange> changes = wanted.apply(this);
        if (changes.isEmpty()) {
            return journal.revision();
        }
        try {
            if (!journal.takes(changes)) {
                journal.rewriteWithStations(this::giveAll);
            }
            journal.append(changes);
        } catch (DirectoryException failed) {
            problem = String.valueOf(failed.getMessage());
            throw failed;
        }
        problem = "";
        changes.forEach(this::take);
        rewriteIfLong();
        return journal.revision();
    }

    /** Why the last change was not taken or not tidied up, in one line; empty when all is well. Never waits. */
    public Optional<String> problem() {
        return Optional.of(problem).filter(text -> !text.isEmpty());
    }

    private void take(MemberChange change) {
        @Nullable MemberState state = change.state().orElse(null);
        IpAddress locator = change.station().locator();
        MemberStation station = locator == null
                ? change.station()
                : new MemberStation(change.station().mac(), locators.computeIfAbsent(locator, same -> same));
        members(change.vnet()).set(change.address(), state, station);
    }

    /** How many members are listed, of all V-nets. */
    public long size() {
        return tables.values().stream().mapToLong(MemberTable::size).sum();
    }

    private void rewriteIfLong() {
        if (journal.lines() <= Math.max(leastLines, 2 * size() + SPARE_LINES)) {
            return;
        }
        try {
            journal.rewrite(this::giveAll);
        } catch (DirectoryException failed) {
            // What was asked for is done; the file is longer than it needs to be, and that is tried again later.
            problem = String.valueOf(failed.getMessage());
            leastLines = journal.lines() + SPARE_LINES;
        }
    }

    private void giveAll(Consumer<MemberChange> sink) {
        tables.forEach((vnet, table) -> table.forEach((address, state) -> {
            MemberStation written = table.station(address.hi(), address.lo());
            MemberStation station = written == null ? MemberStation.ANY : written;
            sink.accept(new MemberChange(vnet, address, Optional.of(state), station));
        }));
    }

    @Override
    public synchronized void close() {
        journal.close();
    }
}
