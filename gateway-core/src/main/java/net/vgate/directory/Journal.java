package net.vgate.directory;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import net.vgate.attachment.MemberStation;
import net.vgate.forwarding.MemberState;
import net.vgate.linux.FileFault;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * The directory's file: what was changed, in lines, and behind the lines of each change that counts as one a line that
 * makes it count.
 *
 * <pre>
 * vgate-directory 1 16      revision at which the file begins
 * set blue 10.0.0.7 joined
 * remove blue 10.0.0.8
 * commit 17 2 5f3a9c01      revision, lines, and their CRC-32C (RFC 3720 section 12.1) in hexadecimal
 * </pre>
 *
 * <p>As soon as it is written where a member has to be, the file is one of version 2. It is the same, but for lines
 * such as these, with an Ethernet address and a locator, of which {@code -} is any; so an earlier gateway, which would
 * let members be anywhere, refuses the file.
 *
 * <pre>
 * set blue 10.0.0.7 joined 02:00:00:00:00:07 -
 * set blue 10.0.0.9 joined - 192.0.2.11
 * </pre>
 *
 * <p>A change is on the disk when {@link #append} returns. One that was not, when the machine or the process ended, is
 * the file's tail: it is taken off when the file is next opened. Anything else that is not as it should be is refused,
 * since a file that was damaged says nothing that can be relied on.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class Journal implements AutoCloseable {
    private static final String HEADER = "vgate-directory ";
    private static final Pattern HEADER_LINE = Pattern.compile(HEADER + "([12]) (\\d{1,18})");
    private static final int PLAIN = 1;
    private static final int WITH_STATIONS = 2;
    private static final String ANY = "-";
    private static final String SET = "set";
    private static final String REMOVE = "remove";
    private static final String COMMIT = "commit ";

    /** What is written anew has the file's name with this behind it until it takes the file's place. */
    private static final String NEXT = ".next";

    /** Beyond the longest line that is written. */
    private static final int MAX_LINE_BYTES = 512;

    /** Lines of one change when the file is written anew, since a reader keeps them until the change counts. */
    private static final int LINES_OF_CHANGE = 1_000;

    private static final int BUFFER_BYTES = 1 << 13;

    private final Path file;
    private final FileChannel lock;
    private FileChannel channel;
    private int version = PLAIN;

    /** Whether a crash would leave this file, and not the one before it. */
    private boolean isPlaced = true;

    private long end;
    private long lines;
    private long revision;
    private long discardedBytes;
    private String broken = "";

    private Journal(Path file, FileChannel lock, FileChannel channel) {
        this.file = file;
        this.lock = lock;
        this.channel = channel;
    }

    /**
     * Opens the file, which is made when it is missing, and tells {@code changes} all that counts in it, in order.
     *
     * @throws DirectoryException when it cannot be had, is damaged, or another process has it
     */
    static Journal open(Path file, Consumer<MemberChange> changes) {
        try {
            FileChannel lock = openForOwner(beside(file, ".lock"));
            try {
                requireLock(file, lock);
                Files.deleteIfExists(beside(file, NEXT));
                Journal journal = new Journal(file, lock, openForOwner(file));
                journal.load(changes);
                return journal;
            } catch (IOException | RuntimeException failed) {
                lock.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw failure(file, failed);
        }
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static FileChannel openForOwner(Path file) throws IOException {
        return FileChannel.open(
                file,
                EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static void requireLock(Path file, FileChannel lock) throws IOException {
        @Nullable FileLock taken;
        try {
            taken = lock.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            taken = null;
        }
        if (taken == null) {
            throw new DirectoryException("directory " + file
                    + ": another process has it; stop that gateway, or give this one a file of its own");
        }
    }

    private static DirectoryException failure(Path file, IOException cause) {
        return new DirectoryException("directory " + file + ": " + FileFault.line(cause), cause);
    }

    private void load(Consumer<MemberChange> changes) throws IOException {
        if (channel.size() == 0) {
            rewrite(members -> {});
            return;
        }
        LineReader in = new LineReader(channel);
        String first = in.line();
        Matcher header = HEADER_LINE.matcher(first == null ? "" : first);
        if (!header.matches()) {
            throw damaged(1, "is not that of a directory of this version");
        }
        version = Integer.parseInt(header.group(1));
        revision = Long.parseLong(header.group(2));
        end = in.bytes;
        List<MemberChange> uncommitted = new ArrayList<>();
        CRC32C checksum = new CRC32C();
        for (String line = in.line(); line != null; line = in.line()) {
            if (line.startsWith(COMMIT)) {
                if (!line.equals(commitLine(revision + 1, uncommitted.size(), checksum))) {
                    requireTail(in, "does not fit the lines before it");
                    break;
                }
                revision++;
                lines += uncommitted.size();
                uncommitted.forEach(changes);
                uncommitted.clear();
                checksum.reset();
                end = in.bytes;
            } else {
                Optional<MemberChange> change = parse(line.split(" ", -1));
                if (change.isEmpty()) {
                    requireTail(in, "is not understood");
                    break;
                }
                uncommitted.add(change.get());
                update(checksum, line);
            }
        }
        discardedBytes = channel.size() - end;
        channel.truncate(end);
        channel.position(end);
        channel.force(true);
    }

    /**
     * What is not as it should be may be of the last change only, whose last line may have come to the disk before the
     * others.
     */
    private void requireTail(LineReader in, String problem) throws IOException {
        long number = in.lines;
        String ofNext = COMMIT + (revision + 1) + " ";
        boolean isOver = false;
        for (String line = in.line(); line != null; line = in.line()) {
            if (isOver || (line.startsWith(COMMIT) && !line.startsWith(ofNext))) {
                throw damaged(number, problem);
            }
            isOver = line.startsWith(ofNext);
        }
    }

    private DirectoryException damaged(long line, String problem) {
        return new DirectoryException("directory " + file + ": line " + line + " " + problem
                + "; put back a copy of the file from before, or move it away to begin anew");
    }

    private Optional<MemberChange> parse(String[] words) {
        boolean hasStation = words.length == 6 && version == WITH_STATIONS;
        boolean isSet = words[0].equals(SET) && (words.length == 4 || hasStation);
        if (!isSet && !(words[0].equals(REMOVE) && words.length == 3)) {
            return Optional.empty();
        }
        Optional<IpAddress> address = IpAddress.parse(words[2]);
        Optional<MemberState> state = isSet ? MemberState.of(words[3]) : Optional.empty();
        if (address.isEmpty() || (isSet && state.isEmpty()) || words[1].isEmpty()) {
            return Optional.empty();
        }
        if (!hasStation) {
            return Optional.of(new MemberChange(words[1], address.get(), state));
        }
        return stationOf(words[4], words[5]).map(station -> new MemberChange(words[1], address.get(), state, station));
    }

    private static Optional<MemberStation> stationOf(String mac, String locator) {
        Optional<MacAddress> station = MacAddress.parse(mac).filter(one -> MacAddress.isUnicast(one.bits()));
        Optional<IpAddress> behind = IpAddress.parse(locator);
        return (station.isPresent() || mac.equals(ANY)) && (behind.isPresent() || locator.equals(ANY))
                ? Optional.of(new MemberStation(station.orElse(null), behind.orElse(null)))
                : Optional.empty();
    }

    private static String lineOf(MemberChange change) {
        String which = " " + change.vnet() + " " + change.address();
        return change.state()
                .map(state -> SET + which + " " + state.label() + wordsOf(change.station()))
                .orElse(REMOVE + which);
    }

    private static String wordsOf(MemberStation station) {
        return station.isAny()
                ? ""
                : " " + Objects.toString(station.mac(), ANY) + " " + Objects.toString(station.locator(), ANY);
    }

    private static String commitLine(long revision, long lines, CRC32C checksum) {
        return COMMIT + revision + " " + lines + " " + String.format(Locale.ROOT, "%08x", checksum.getValue());
    }

    private static void update(CRC32C checksum, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        checksum.update(bytes, 0, bytes.length);
        checksum.update('\n');
    }

    /** Rises by one with each change that counts, and when the file is written anew. */
    long revision() {
        return revision;
    }

    /** How many lines there are to go through when the file is next opened. */
    long lines() {
        return lines;
    }

    /** How much of a change that never counted was taken off when the file was opened. */
    long discardedBytes() {
        return discardedBytes;
    }

    /** Whether the file is of a version that can say all of that; else {@linkplain #rewriteWithStations make} it so. */
    boolean takes(List<MemberChange> changes) {
        return version == WITH_STATIONS
                || changes.stream().allMatch(change -> change.station().isAny());
    }

    /**
     * Makes the changes durable, all or none of them.
     *
     * @throws DirectoryException when that failed; then none of them counts
     */
    void append(List<MemberChange> changes) {
        if (!broken.isEmpty()) {
            throw new DirectoryException(broken);
        }
        try {
            place();
            LineWriter out = new LineWriter(channel, revision);
            for (MemberChange change : changes) {
                out.line(lineOf(change));
            }
            out.commit();
            channel.force(false);
            end = channel.position();
        } catch (IOException failed) {
            takeBack();
            throw failure(file, failed);
        }
        revision++;
        lines += changes.size();
    }

    /** After a write that failed, so that what it left does not come to count by a later one. */
    private void takeBack() {
        try {
            channel.truncate(end);
            channel.position(end);
            channel.force(false);
        } catch (IOException failed) {
            broken = failure(file, failed).getMessage() + "; no change is taken until the gateway is restarted";
        }
    }

    /**
     * Puts another file in place of this one, which says the same by {@code members} alone.
     *
     * @param members gives each member, in its state, to what it is handed
     * @throws DirectoryException when that failed; then the file says what it said before
     */
    void rewrite(Consumer<Consumer<MemberChange>> members) {
        rewrite(version, members);
    }

    /** Does so with a file that takes where members have to be. */
    void rewriteWithStations(Consumer<Consumer<MemberChange>> members) {
        rewrite(WITH_STATIONS, members);
    }

    private void rewrite(int ofVersion, Consumer<Consumer<MemberChange>> members) {
        Path next = beside(file, NEXT);
        try {
            Files.deleteIfExists(next);
            FileChannel rewritten = openForOwner(next);
            LineWriter out = new LineWriter(rewritten, revision);
            try {
                out.writeAll(ofVersion, members);
                rewritten.force(true);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException | RuntimeException failed) {
                rewritten.close();
                // It has the room that the next change may need.
                Files.deleteIfExists(next);
                throw failed;
            }
            FileChannel before = channel;
            channel = rewritten;
            isPlaced = false;
            end = channel.position();
            version = ofVersion;
            revision = out.revision;
            lines = out.written;
            before.close();
            place();
        } catch (IOException failed) {
            throw failure(file, failed);
        }
    }

    /** Has the folder say durably that the file is this one. */
    private void place() throws IOException {
        if (!isPlaced) {
            try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
                folder.force(true);
            }
            isPlaced = true;
        }
    }

    /** Lets another process have the file. */
    @Override
    public void close() {
        try {
            channel.close();
            lock.close();
        } catch (IOException failed) {
            throw failure(file, failed);
        }
    }

    /** Whole lines; what follows the last line feed is none. */
    private static final class LineReader {
        private final InputStream in;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private long bytes;
        private long lines;

        LineReader(FileChannel channel) throws IOException {
            channel.position(0);
            in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
        }

        @Nullable
        String line() throws IOException {
            line.reset();
            long read = bytes;
            for (int next = in.read(); next >= 0; next = in.read()) {
                read++;
                if (next == '\n') {
                    bytes = read;
                    lines++;
                    return line.toString(StandardCharsets.UTF_8);
                }
                if (line.size() < MAX_LINE_BYTES) {
                    line.write(next);
                }
            }
            return null;
        }
    }

    /** Writes changes, which count once they are {@linkplain #commit committed} and on the disk. */
    private static final class LineWriter {
        private final OutputStream out;
        private final CRC32C checksum = new CRC32C();
        private long revision;
        private long uncommitted;
        private long written;

        /** @param revision of what is there so far */
        LineWriter(FileChannel channel, long revision) {
            this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
            this.revision = revision;
        }

        /** A whole file. */
        void writeAll(int version, Consumer<Consumer<MemberChange>> members) throws IOException {
            write(HEADER + version + " " + revision);
            try {
                members.accept(change -> {
                    try {
                        line(lineOf(change));
                        if (uncommitted == LINES_OF_CHANGE) {
                            commit();
                        }
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                });
            } catch (UncheckedIOException failed) {
                throw failed.getCause();
            }
            commit();
        }

        void line(String line) throws IOException {
            update(checksum, line);
            write(line);
            uncommitted++;
            written++;
        }

        void commit() throws IOException {
            revision++;
            write(commitLine(revision, uncommitted, checksum));
            out.flush();
            uncommitted = 0;
            checksum.reset();
        }

        private void write(String line) throws IOException {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
