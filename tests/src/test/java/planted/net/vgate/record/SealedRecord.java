package planted.net.vgate.record;

import planted.net.vgate.packet.BusyHeader;

/** Planted: closes a cycle with the package of {@link BusyHeader}. */
public record SealedRecord(Class<BusyHeader> header) {
    static final SealedRecord EMPTY = new SealedRecord(BusyHeader.class);
}
