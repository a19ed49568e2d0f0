package net.vgate.observe;

import net.vgate.observe.AddressReport.Written;
import org.jspecify.annotations.Nullable;

/**
 * One member of a V-net here: what {@code vgate member show --json} prints.
 *
 * @param state {@code joined} or {@code expected}, as the directory has it; {@code permanent} where every address of
 *     the V-net's prefixes is a member
 * @param mac the Ethernet address that it has to have; null is any
 * @param locator of the switch behind which it has to be; null is behind any
 * @param by the configured prefix that grants it; null when none does any more, so that nothing is delivered to it
 * @param revision of the directory; null where it is not asked
 */
public record MemberReport(
        String vnet,
        String address,
        String state,
        @Nullable String mac,
        @Nullable String locator,
        @Nullable Written by,
        @Nullable Long revision) {}
