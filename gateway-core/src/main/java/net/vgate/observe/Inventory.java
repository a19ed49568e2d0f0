package net.vgate.observe;

/**
 * What a gateway has, piece by piece.
 *
 * <p>Whatever is named and is not there makes an {@link UnknownNameException}.
 */
public interface Inventory {
    VnetsReport vnets();

    VnetReport vnet(String name);

    PolicyReport policy(String vnet);

    MemberReport member(String vnet, String address);

    SwitchesReport switches();

    /**
     * Who hosts members, one of them.
     *
     * @param name as the list of all has it
     */
    SwitchReport switchNamed(String name);
}
