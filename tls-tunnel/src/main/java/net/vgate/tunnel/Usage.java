package net.vgate.tunnel;

/**
 * How much an association was used since it was established.
 *
 * @param records sealed or opened, the larger number
 * @param bytes payload, sealed or opened, the larger number
 * @param failedOpenings records that did not authenticate
 * @param sealed records sealed; while this grows, so should the next
 * @param opened records opened; that this grows is a sign of life
 * @param heardNanos when the last of them was opened
 */
public record Usage(long records, long bytes, long failedOpenings, long sealed, long opened, long heardNanos) {
    static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0);
}
