package net.vgate.observe;

import net.vgate.observe.StatusReport.Tunnel;
import net.vgate.observe.SwitchesReport.Switch;
import org.jspecify.annotations.Nullable;

/**
 * One of those who host members: what {@code vgate switch show --json} prints.
 *
 * @param identity as in the list of all
 * @param tunnel the tunnel to another gateway, as {@code vgate status} has it; null of this gateway and of VM switches
 */
public record SwitchReport(Switch identity, @Nullable Tunnel tunnel) {}
