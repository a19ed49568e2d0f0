package net.vgate.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The V-nets of a gateway, in the order of its configuration: what {@code vgate vnet list --json} prints. More of each
 * is in its {@link VnetReport}, whose words these are.
 */
public record VnetsReport(List<Vnet> vnets) {
    public VnetsReport {
        vnets = List.copyOf(vnets);
    }

    /**
     * One of them.
     *
     * @param attachment for people
     * @param prefixCount of its members
     * @param peers sites that may carry it, or whose members it reaches
     * @param rules how many rules its policy has
     */
    public record Vnet(
            String name,
            int vni,
            String kind,
            String state,
            String attachment,
            String membership,
            int prefixCount,
            @Nullable Integer joined,
            @Nullable Integer expected,
            List<String> peers,
            int rules) {
        public Vnet {
            peers = List.copyOf(peers);
        }
    }
}
