package net.vgate.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import net.vgate.packet.DropReason;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/** Writes frames to a TAP device, with the header that says what is left to do before each. */
final class TapSender extends LinkSender {
    private final int fd;

    TapSender(int fd, EthernetLink link) {
        super(link, VirtioNetHeader.BYTES);
        this.fd = fd;
    }

    @Override
    void writePrefix(ByteBuffer buffer) {
        buffer.putLong(0, 0);
        buffer.putShort(Long.BYTES, (short) 0);
    }

    @Override
    @Nullable
    DropReason finish(PacketBatch batch, int slot) {
        return VirtioNetHeader.write(batch, slot, EthernetHeader.BYTES);
    }

    @Override
    boolean send(NativeBlock frame, int bytes, long station) {
        try {
            long written;
            do {
                written = LibC.write(fd, frame.address(), bytes);
            } while (written < 0 && Errno.last() == Errno.EINTR);
            // Whoever reads the device finds it broken.
            return written >= 0;
        } finally {
            Reference.reachabilityFence(frame);
        }
    }
}
