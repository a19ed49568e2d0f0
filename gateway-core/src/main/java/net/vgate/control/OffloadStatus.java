package net.vgate.control;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.PacketDevice;
import net.vgate.control.Attachments.Attached;
import net.vgate.linux.UdpPort;
import net.vgate.observe.StatusReport;

/** What became of each off-load, at all devices and at the sockets. Any thread. */
public final class OffloadStatus {
    private final Offloads wanted;
    private final List<UdpPort> ports;

    public OffloadStatus(Offloads wanted, List<UdpPort> ports) {
        this.wanted = wanted;
        this.ports = ports;
    }

    List<StatusReport.Offload> status(Attachments attachments) {
        return List.of(
                describe("tso", ofDevices(attachments, PacketDevice::tso, wanted.tso())),
                describe("uso", ofDevices(attachments, PacketDevice::uso, wanted.uso())),
                describe("merge", ofDevices(attachments, PacketDevice::merge, wanted.merge())),
                describe("flow-steering", ofDevices(attachments, PacketDevice::steering, true)),
                describe(
                        "udp-segment",
                        worst(Stream.concat(
                                ports.stream().map(UdpPort::segmentation),
                                devices(attachments).map(PacketDevice::udpSegment)))),
                describe(
                        "udp-gro",
                        worst(Stream.concat(
                                ports.stream().map(UdpPort::coalescing),
                                devices(attachments).map(PacketDevice::udpGro)))),
                describe("partial-checksums", wanted.partialChecksums() ? Offload.ON : Offload.SWITCHED_OFF));
    }

    private static Offload ofDevices(Attachments attachments, Function<PacketDevice, Offload> state, boolean isWanted) {
        if (!isWanted) {
            return Offload.SWITCHED_OFF;
        }
        return worst(devices(attachments).map(state));
    }

    private static Stream<PacketDevice> devices(Attachments attachments) {
        return attachments.attached().values().stream().map(Attached::device);
    }

    /** The first that has it not is what a person wants to know of. */
    private static Offload worst(Stream<Offload> states) {
        return states.filter(offload -> !offload.isOn()).findFirst().orElse(Offload.ON);
    }

    private static StatusReport.Offload describe(String name, Offload state) {
        return new StatusReport.Offload(name, state.isOn(), state.isOn() ? null : state.reason());
    }
}
