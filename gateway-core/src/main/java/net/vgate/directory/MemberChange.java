package net.vgate.directory;

import java.util.Optional;
import net.vgate.attachment.MemberStation;
import net.vgate.forwarding.MemberState;
import net.vgate.packet.IpAddress;

/**
 * A member that is to be listed in a state, or not any more.
 *
 * @param vnet name of the V-net, which {@code address} belongs to
 * @param state empty removes it
 * @param station where it has to be
 */
public record MemberChange(String vnet, IpAddress address, Optional<MemberState> state, MemberStation station) {
    /** Of a member that may be anywhere. */
    public MemberChange(String vnet, IpAddress address, Optional<MemberState> state) {
        this(vnet, address, state, MemberStation.ANY);
    }
}
