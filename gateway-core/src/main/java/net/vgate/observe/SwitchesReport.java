package net.vgate.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who hosts members, as far as a gateway knows: itself, the gateways of other sites, and the VM switches at its VTEP
 * ports. What {@code vgate switch list --json} prints.
 */
public record SwitchesReport(List<Switch> switches) {
    public SwitchesReport {
        switches = List.copyOf(switches);
    }

    /**
     * One of them.
     *
     * @param name {@code SITE/GATEWAY}, or {@code PORT/LOCATOR} of a VM switch
     * @param kind {@code gateway} or {@code vtep}
     * @param locators where it is reached: outer addresses, of gateways with their ports, or names that are looked up;
     *     none of a gateway that has to call us
     * @param state {@code self}; of another gateway how its tunnel stands; null of a VM switch, of whom nothing is
     *     known
     * @param port by which a VM switch is reached; null of a gateway
     * @param vnets that it may speak for
     */
    public record Switch(
            String name,
            String kind,
            List<String> locators,
            @Nullable String state,
            @Nullable Port port,
            List<Vnet> vnets) {
        public Switch {
            locators = List.copyOf(locators);
            vnets = List.copyOf(vnets);
        }
    }

    /**
     * A VTEP port.
     *
     * @param encapsulation {@code vxlan} or {@code geneve}
     * @param device interface that it is bound to
     * @param locator our end of it, as {@code address:port}
     */
    public record Port(String name, String encapsulation, String device, String locator) {}

    /**
     * A V-net at a switch.
     *
     * @param vni by which it is called on the way there
     */
    public record Vnet(String name, int vni) {}
}
