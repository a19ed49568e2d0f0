package net.vgate.control;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.directory.Directory;
import net.vgate.directory.DirectoryException;
import net.vgate.directory.MemberChange;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.MembersChange;
import net.vgate.observe.MembersReport;
import net.vgate.packet.IpAddress;

/**
 * Changes the directory as an operator asks, within what the configuration grants.
 *
 * <p><b>Threading.</b> Any thread but the conductor's.
 */
public final class Membership {
    private static final int NAMED = 3;

    /** Members of one answer. */
    private static final int PAGE = 10_000;

    /** Of all V-nets: what the heap of a gateway has room for. */
    private static final long MAX_MEMBERS = 1 << 20;

    private static final String NO_DIRECTORY =
            "this gateway has no directory; add directory: {file: PATH} to its configuration and restart it";

    private final Optional<Directory> directory;
    private final Conductor conductor;
    private final EventLog log;

    /** What is asked for. */
    private enum Verb {
        /** Lists members that are not listed yet. */
        ADD,
        /** Changes the state of members that are listed. */
        SET,
        /** Removes members that are listed. */
        REMOVE
    }

    /** The message is one line that says why. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

    public Membership(Optional<Directory> directory, Conductor conductor, EventLog log) {
        this.directory = directory;
        this.conductor = conductor;
        this.log = log;
    }

    /**
     * What is listed, a page of it.
     *
     * @param vnet of this V-net only; empty is of all
     * @param after what is behind this member, {@code VNET/ADDRESS}; empty is from the beginning
     */
    public MembersReport report(String vnet, String after) {
        if (directory.isEmpty()) {
            return MembersReport.refused(NO_DIRECTORY);
        }
        int slash = after.indexOf('/');
        String afterVnet = after.substring(0, Math.max(0, slash));
        Optional<IpAddress> afterAddress = IpAddress.parse(after.substring(slash + 1));
        if (!after.isEmpty() && afterAddress.isEmpty()) {
            return MembersReport.refused(quoted(after) + " is no member; write VNET/ADDRESS");
        }
        Directory open = directory.get();
        List<MembersReport.Member> members = new ArrayList<>();
        int room = PAGE;
        for (String name : open.vnets()) {
            if (room == 0 || (!vnet.isEmpty() && !vnet.equals(name)) || name.compareTo(afterVnet) < 0) {
                continue;
            }
            MemberTable table = open.members(name);
            IpAddress from = name.equals(afterVnet) ? afterAddress.orElse(null) : null;
            for (IpAddress address : table.addresses(from, room)) {
                room--;
                MemberState state = table.state(address);
                // Else it was removed meanwhile.
                if (state != null) {
                    members.add(new MembersReport.Member(name, address.toString(), state.label()));
                }
            }
        }
        return new MembersReport(open.revision(), members, room == 0, List.of());
    }

    /**
     * Does what is asked, all of it or nothing; then it is in force and on the disk. Returns what has come of it for
     * the addresses that were named.
     *
     * @param verb {@code add}, {@code set} or {@code remove}
     */
    public MembersReport change(String verb, MembersChange asked) {
        if (directory.isEmpty()) {
            return MembersReport.refused(NO_DIRECTORY);
        }
        try {
            return change(Verb.valueOf(verb.toUpperCase(Locale.ROOT)), asked, directory.get());
        } catch (Refusal | DirectoryException refused) {
            return MembersReport.refused(String.valueOf(refused.getMessage()));
        }
    }

    private MembersReport change(Verb verb, MembersChange asked, Directory open) {
        Optional<MemberState> state = stateOf(verb, asked);
        Set<IpAddress> addresses = new LinkedHashSet<>();
        for (String text : asked.addresses()) {
            addresses.add(IpAddress.parse(text).orElseThrow(() -> new Refusal(quoted(text) + " is no IP address")));
        }
        if (addresses.isEmpty()) {
            throw new Refusal("no address is named");
        }
        if (verb != Verb.REMOVE) {
            requireGranted(asked.vnet(), addresses);
        }
        List<MemberChange> changes = addresses.stream()
                .map(address -> new MemberChange(asked.vnet(), address, state))
                .toList();
        long revision = open.apply(changes, now -> requireListed(verb, asked.vnet(), addresses, now));
        log.report(
                new Event.MembersChanged(asked.vnet(), did(verb, state), addresses.size(), some(addresses), revision));
        List<MembersReport.Member> members = state.stream()
                .flatMap(to -> addresses.stream()
                        .map(address -> new MembersReport.Member(asked.vnet(), address.toString(), to.label())))
                .toList();
        return new MembersReport(revision, members, false, List.of());
    }

    private static Optional<MemberState> stateOf(Verb verb, MembersChange asked) {
        if (verb == Verb.REMOVE) {
            return Optional.empty();
        }
        String label = Objects.requireNonNullElse(asked.state(), "");
        return Optional.of(MemberState.of(label)
                .orElseThrow(() -> new Refusal(quoted(label) + " is no state; write expected or joined")));
    }

    /** What an asker wrote, so that it cannot write a line of its own. */
    private static String quoted(String text) {
        String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }

    private void requireGranted(String name, Set<IpAddress> addresses) {
        GatewayConfig config = conductor.ask(conductor::config);
        Vnet vnet = config.vnets().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Refusal("there is no V-net " + quoted(name)));
        if (!vnet.isListed()) {
            throw new Refusal("every address of V-net " + name
                    + "'s members is one; write membership: directory to list them here");
        }
        for (IpAddress address : addresses) {
            if (vnet.members().stream().noneMatch(prefix -> prefix.contains(address))) {
                throw new Refusal(address + " is in none of the prefixes that V-net " + name + " has as members: "
                        + some(vnet.members()));
            }
        }
    }

    private static void requireListed(Verb verb, String vnet, Set<IpAddress> addresses, Directory now) {
        if (verb == Verb.ADD && now.size() + addresses.size() > MAX_MEMBERS) {
            throw new Refusal(
                    "a directory lists " + MAX_MEMBERS + " members at most, and " + now.size() + " are there");
        }
        MemberTable table = now.members(vnet);
        for (IpAddress address : addresses) {
            MemberState state = table.state(address);
            if (verb == Verb.ADD && state != null) {
                throw new Refusal(address + " is a member of V-net " + vnet + " already (" + state.label()
                        + "); vgate member set changes it");
            }
            if (verb != Verb.ADD && state == null) {
                throw new Refusal(address + " is not listed as a member of V-net " + quoted(vnet));
            }
        }
    }

    private static String did(Verb verb, Optional<MemberState> state) {
        return switch (verb) {
            case ADD -> "added as " + state.map(MemberState::label).orElse("");
            case SET -> "set to " + state.map(MemberState::label).orElse("");
            case REMOVE -> "removed";
        };
    }

    private static String some(Iterable<?> many) {
        List<String> shown = new ArrayList<>();
        for (Object one : many) {
            if (shown.size() == NAMED) {
                shown.add("...");
                break;
            }
            shown.add(one.toString());
        }
        return String.join(", ", shown);
    }

    /** What is wrong with the directory, for the health check. */
    public Optional<String> problem() {
        return directory.flatMap(Directory::problem);
    }
}
