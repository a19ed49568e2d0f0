package net.vgate.translate;

import java.util.List;
import java.util.Optional;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * Stateless 1:1 translation of the members of one V-net toward one site: each rule's prefix {@code local} is seen there
 * as the prefix {@code as}, host bits kept. One rule serves both directions. Without rules addresses pass as they are,
 * and IPv6 always does. Immutable.
 *
 * <p>An ICMP error is about a packet that went the other way, so its quote is translated at the other end (RFC 5508
 * section 4): outbound the quoted destination, inbound the quoted source. What is cut off is not made up, and what RFC
 * 4884 puts behind the quote is left as it is.
 *
 * <p>A packet that is refused is left as it came.
 */
public final class PrefixTranslation {
    /** No rules: everything passes. */
    public static final PrefixTranslation NONE = new PrefixTranslation(List.of());

    /** The upper 96 bits of an IPv4 address in its mapped form. */
    private static final long HI = InnerHeader.MAPPED_HI;

    private static final long LO = InnerHeader.MAPPED_LO;

    private final PrefixMap toAlias;
    private final PrefixMap toOwn;

    /** Members in {@code local} are seen as {@code as}; both IPv4 and of one length. */
    public record Rule(Prefix local, Prefix as) {
        public Rule {
            if (!local.network().isIpv4() || !as.network().isIpv4() || local.length() != as.length()) {
                throw new IllegalArgumentException(local + " as " + as + ": both must be IPv4 and of one length");
            }
        }
    }

    private PrefixTranslation(List<Rule> rules) {
        Prefix[] local = new Prefix[rules.size()];
        Prefix[] as = new Prefix[rules.size()];
        for (int i = 0; i < local.length; i++) {
            local[i] = rules.get(i).local();
            as[i] = rules.get(i).as();
        }
        toAlias = new PrefixMap(local, as);
        toOwn = new PrefixMap(as, local);
    }

    /**
     * The translation by {@code rules}, in any order.
     *
     * @throws IllegalArgumentException when two rules overlap on one side, and so would not be 1:1
     */
    public static PrefixTranslation of(List<Rule> rules) {
        return rules.isEmpty() ? NONE : new PrefixTranslation(rules);
    }

    /** Whether there are no rules. */
    public boolean isEmpty() {
        return toAlias.isEmpty();
    }

    /**
     * Outbound: gives a parsed packet's source its alias. An ICMP error from a router whose address has none may be
     * tried again after {@link IcmpError#replaceSource} (RFC 5508 section 4.3, REQ-5).
     *
     * @return null, or why the packet may not leave: its source, or what it quotes, has no alias
     */
    public @Nullable DropReason translateSource(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        if (isEmpty() || inner.version(slot) != 4) {
            return null;
        }
        long alias = toAlias.map((int) inner.sourceLo(slot));
        if (alias == PrefixMap.NONE || isBoundToAddresses(inner, slot)) {
            return DropReason.UNTRANSLATABLE;
        }
        if (inner.isIcmpError(slot)) {
            DropReason reason = inner.parseQuoted(slot);
            if (reason != null) {
                return reason;
            }
            long quotedAlias = toAlias.map((int) batch.quoted().destinationLo(slot));
            if (quotedAlias == PrefixMap.NONE) {
                return DropReason.UNTRANSLATABLE;
            }
            AddressRewrite.quotedDestination(batch, slot, HI, LO | quotedAlias);
        }
        AddressRewrite.source(batch, slot, HI, LO | alias);
        return null;
    }

    /**
     * Inbound: gives a parsed packet's destination its own address back.
     *
     * @return null, or why the packet may not be delivered: {@link DropReason#NOT_HERE} when nobody has the alias
     */
    public @Nullable DropReason restoreDestination(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        if (isEmpty() || inner.version(slot) != 4) {
            return null;
        }
        long own = toOwn.map((int) inner.destinationLo(slot));
        if (own == PrefixMap.NONE) {
            return DropReason.NOT_HERE;
        }
        if (isBoundToAddresses(inner, slot)) {
            return DropReason.UNTRANSLATABLE;
        }
        if (inner.isIcmpError(slot)) {
            DropReason reason = inner.parseQuoted(slot);
            if (reason != null) {
                return reason;
            }
            long quotedOwn = toOwn.map((int) batch.quoted().sourceLo(slot));
            if (quotedOwn == PrefixMap.NONE) {
                return DropReason.UNTRANSLATABLE;
            }
            AddressRewrite.quotedSource(batch, slot, HI, LO | quotedOwn);
        }
        AddressRewrite.destination(batch, slot, HI, LO | own);
        return null;
    }

    /**
     * AH authenticates the addresses (RFC 4302 section 3.3.3): no translation gets past it (RFC 3715 section 2.1 a).
     */
    private static boolean isBoundToAddresses(InnerHeader inner, int slot) {
        return inner.protocol(slot) == InnerHeader.AH;
    }

    /**
     * How a member's address will be on the wire, by its lower half; itself when nothing is translated, or nothing can
     * be.
     */
    public long wireAddress(long hi, long lo) {
        if (isEmpty() || !InnerHeader.isIpv4(hi, lo)) {
            return lo;
        }
        long alias = toAlias.map((int) lo);
        return alias == PrefixMap.NONE ? lo : LO | alias;
    }

    /** How a member is seen by the site; empty when no rule has it. For control. */
    public Optional<IpAddress> aliasOf(IpAddress own) {
        return look(toAlias, own);
    }

    /** Which member the site means by {@code alias}; empty when no rule has it. For control. */
    public Optional<IpAddress> ownOf(IpAddress alias) {
        return look(toOwn, alias);
    }

    private Optional<IpAddress> look(PrefixMap map, IpAddress address) {
        if (isEmpty() || !address.isIpv4()) {
            return Optional.of(address);
        }
        long found = map.map(address.ipv4Bits());
        return found == PrefixMap.NONE ? Optional.empty() : Optional.of(IpAddress.ofIpv4((int) found));
    }
}
