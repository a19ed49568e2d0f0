package net.vgate.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the directory lists.
 *
 * @param revision of the directory; rises with each change
 * @param members by V-net and address; after a change those that it named
 * @param more whether there are more behind the last one
 * @param problems why nothing was changed or can be shown, one line each
 */
public record MembersReport(long revision, List<Member> members, boolean more, List<String> problems) {
    public MembersReport {
        members = List.copyOf(members);
        problems = List.copyOf(problems);
    }

    /** Of what is refused, with the line that says why. */
    public static MembersReport refused(String problem) {
        return new MembersReport(0, List.of(), false, List.of(problem));
    }

    /**
     * One member.
     *
     * @param state {@code expected} or {@code joined}
     * @param mac the Ethernet address that it has to have; null is any
     * @param locator of the switch behind which it has to be; null is behind any
     */
    public record Member(
            String vnet,
            String address,
            String state,
            @Nullable String mac,
            @Nullable String locator) {}
}
