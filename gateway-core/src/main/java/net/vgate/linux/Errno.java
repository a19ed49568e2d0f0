package net.vgate.linux;

import com.sun.jna.Native;
import net.vgate.attachment.DeviceException;

/** Error numbers of Linux, asm-generic/errno.h, and what becomes of the ones that nobody expects. */
final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EBADF = 9;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EINVAL = 22;
    static final int ENOTTY = 25;
    static final int EBADFD = 77;
    static final int EMSGSIZE = 90;
    static final int EOPNOTSUPP = 95;
    static final int ENOBUFS = 105;

    private Errno() {}

    /** The calling thread's last error, valid directly after a call of {@link LibC} that returned -1. */
    static int last() {
        return Native.getLastError();
    }

    /** The failure of {@code call}, in words. */
    static DeviceException failure(String call, int errno) {
        return new DeviceException(call + ": " + text(errno));
    }

    /** What the system says of {@code errno}. */
    static String text(int errno) {
        return VariadicLibC.INSTANCE.strerror(errno) + " (errno " + errno + ")";
    }
}
