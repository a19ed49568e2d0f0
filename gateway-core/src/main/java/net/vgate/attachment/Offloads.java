package net.vgate.attachment;

/**
 * Which off-loads may be used where the kernel has them; none changes what a member receives.
 *
 * @param tso TUN devices hand in TCP super-packets of up to 64 KiB
 * @param uso TUN devices hand in UDP super-packets
 * @param merge received packets are merged into super-packets for TUN devices
 * @param udpSegment records are handed to the socket many as one
 * @param udpGro the socket hands in records many as one
 * @param partialChecksums transport checksums stay unfinished between gateways that agreed on it
 */
public record Offloads(
        boolean tso, boolean uso, boolean merge, boolean udpSegment, boolean udpGro, boolean partialChecksums) {
    public static final Offloads ALL = new Offloads(true, true, true, true, true, true);
    public static final Offloads NONE = new Offloads(false, false, false, false, false, false);
}
