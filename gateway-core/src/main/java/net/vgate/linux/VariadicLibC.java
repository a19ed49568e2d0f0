package net.vgate.linux;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;

/**
 * The calls of C that take a variable argument list, which direct mapping does not offer, and those about text. They
 * box and allocate: for setting things up only.
 */
interface VariadicLibC extends Library {
    VariadicLibC INSTANCE = Native.load(Platform.C_LIBRARY_NAME, VariadicLibC.class);

    /** open(2). Returns a descriptor; or -1. */
    int open(String path, int flags, Object... mode);

    /** ioctl(2). Returns 0 or more; or -1. */
    int ioctl(int fd, NativeLong request, Object... argument);

    /** syscall(2), for calls that the C library has no function for. Returns 0 or more; or -1. */
    NativeLong syscall(NativeLong number, Object... arguments);

    /** strerror(3). */
    String strerror(int errno);
}
