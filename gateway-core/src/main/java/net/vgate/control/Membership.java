package net.vgate.control;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import net.vgate.attachment.MemberStation;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Tun;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
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
import net.vgate.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * Changes the directory as an operator asks, within what the configuration grants.
 *
 * <p><b>Threading.</b> Any thread but the conductor's.
 */
public final class Membership {
    private static final int NAMED = 3;

    /** In place of a mac or locator: whichever. */
    private static final String ANY = "any";

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
        /** Changes members that are listed. */
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
                    MemberStation station = table.station(address.hi(), address.lo());
                    members.add(member(name, address, state, station == null ? MemberStation.ANY : station));
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

    private static MembersReport.Member member(
            String vnet, IpAddress address, MemberState state, MemberStation station) {
        return new MembersReport.Member(
                vnet,
                address.toString(),
                state.label(),
                Objects.toString(station.mac(), null),
                Objects.toString(station.locator(), null));
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
            Vnet vnet = requireVnet(asked.vnet());
            requireGranted(vnet, addresses);
            requireStation(vnet, stationOf(asked, MemberStation.ANY));
        }
        List<MemberChange> changes = new ArrayList<>();
        long revision = open.apply(now -> {
            requireListed(verb, asked.vnet(), addresses, now);
            MemberTable table = now.members(asked.vnet());
            addresses.forEach(address -> changes.add(change(verb, asked, state, address, table)));
            return changes;
        });
        log.report(new Event.MembersChanged(
                asked.vnet(), did(verb, state, asked), addresses.size(), some(addresses), revision));
        List<MembersReport.Member> members = changes.stream()
                .flatMap(change -> change.state().stream()
                        .map(to -> member(change.vnet(), change.address(), to, change.station())))
                .toList();
        return new MembersReport(revision, members, false, List.of());
    }

    /** What is not asked to be changed stays as it is listed. */
    private static MemberChange change(
            Verb verb, MembersChange asked, Optional<MemberState> state, IpAddress address, MemberTable table) {
        if (verb == Verb.REMOVE) {
            return new MemberChange(asked.vnet(), address, Optional.empty());
        }
        Optional<MemberState> next = state.or(() -> Optional.ofNullable(table.state(address)));
        MemberStation written = table.station(address.hi(), address.lo());
        MemberStation station = stationOf(asked, written == null ? MemberStation.ANY : written);
        return new MemberChange(asked.vnet(), address, next, station);
    }

    private static Optional<MemberState> stateOf(Verb verb, MembersChange asked) {
        if (verb == Verb.REMOVE) {
            return Optional.empty();
        }
        if (verb == Verb.SET && asked.state() == null) {
            if (asked.mac() == null && asked.locator() == null) {
                throw new Refusal("nothing is to be changed; name a state, a mac or a locator");
            }
            return Optional.empty();
        }
        String label = Objects.requireNonNullElse(asked.state(), "");
        return Optional.of(MemberState.of(label)
                .orElseThrow(() -> new Refusal(quoted(label) + " is no state; write expected or joined")));
    }

    /** What is asked for over what was written before. */
    private static MemberStation stationOf(MembersChange asked, MemberStation before) {
        return new MemberStation(
                over(asked.mac(), before.mac(), Membership::mac),
                over(asked.locator(), before.locator(), Membership::locator));
    }

    private static <T> @Nullable T over(@Nullable String asked, @Nullable T before, Function<String, T> read) {
        if (asked == null) {
            return before;
        }
        return asked.equals(ANY) ? null : read.apply(asked);
    }

    private static MacAddress mac(String text) {
        return MacAddress.parse(text)
                .filter(mac -> MacAddress.isUnicast(mac.bits()))
                .orElseThrow(() -> new Refusal(
                        quoted(text) + " is no station's Ethernet address; write it as 02:00:00:00:00:07, or any"));
    }

    private static IpAddress locator(String text) {
        return IpAddress.parse(text)
                .orElseThrow(() -> new Refusal(quoted(text) + " is no locator; write an IP address, or any"));
    }

    /** What an asker wrote, so that it cannot write a line of its own. */
    private static String quoted(String text) {
        String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }

    private Vnet requireVnet(String name) {
        GatewayConfig config = conductor.ask(conductor::config);
        return config.vnets().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Refusal("there is no V-net " + quoted(name)));
    }

    private static void requireGranted(Vnet vnet, Set<IpAddress> addresses) {
        String name = vnet.name();
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

    /** What nobody could ever meet would cut the member off. */
    private static void requireStation(Vnet vnet, MemberStation station) {
        if (station.mac() != null && vnet.attachment() instanceof Tun) {
            throw new Refusal("V-net " + vnet.name() + " has a TUN device, where there are no Ethernet addresses;"
                    + " leave out the mac, or attach the V-net by tap or vtep");
        }
        if (station.locator() == null) {
            return;
        }
        if (!(vnet.attachment() instanceof Vtep vtep)) {
            throw new Refusal("V-net " + vnet.name() + " is at no VTEP port, so its members are behind no locator;"
                    + " leave it out, or attach the V-net by vtep");
        }
        if (!vtep.locators().contains(station.locator())) {
            throw new Refusal(station.locator() + " is none of the locators that V-net " + vnet.name()
                    + " has in attach.vtep: " + some(vtep.locators()));
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

    private static String did(Verb verb, Optional<MemberState> state, MembersChange asked) {
        if (verb == Verb.REMOVE) {
            return "removed";
        }
        List<String> to = new ArrayList<>();
        state.ifPresent(one -> to.add(one.label()));
        if (asked.mac() != null) {
            to.add("mac " + asked.mac());
        }
        if (asked.locator() != null) {
            to.add("locator " + asked.locator());
        }
        return (verb == Verb.ADD ? "added as " : "set to ") + String.join(", ", to);
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
