package net.vgate.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * System calls, mapped directly: pointers are {@code long} addresses of native memory, so that a call neither boxes nor
 * copies. Where a man page promises -1 for an error, the cause is in {@link Native#getLastError} of the same thread.
 * What C declares with a variable argument list is in {@link VariadicLibC}.
 */
final class LibC {
    static {
        Native.register(LibC.class, Platform.C_LIBRARY_NAME);
    }

    private LibC() {}

    /** read(2). Returns the number of bytes, 0 at the end; or -1. */
    static native long read(int fd, long buffer, long bytes);

    /** write(2). Returns the number of bytes; or -1. */
    static native long write(int fd, long buffer, long bytes);

    /** writev(2), {@code iovecs} the address of an array of {@code count}. Returns the number of bytes; or -1. */
    static native long writev(int fd, long iovecs, int count);

    /** close(2). Returns 0; or -1. */
    static native int close(int fd);

    /** socket(2). Returns a descriptor; or -1. */
    static native int socket(int domain, int type, int protocol);

    /** bind(2). Returns 0; or -1. */
    static native int bind(int fd, long address, int addressBytes);

    /** getsockname(2): {@code addressBytes} is the address of an int, in and out. Returns 0; or -1. */
    static native int getsockname(int fd, long address, long addressBytes);

    /** setsockopt(2). Returns 0; or -1. */
    static native int setsockopt(int fd, int level, int option, long value, int valueBytes);

    /** getsockopt(2): {@code valueBytes} is the address of an int, in and out. Returns 0; or -1. */
    static native int getsockopt(int fd, int level, int option, long value, long valueBytes);

    /** sendto(2). Returns the number of bytes; or -1. */
    static native long sendto(int fd, long buffer, long bytes, int flags, long address, int addressBytes);

    /** sendmmsg(2). Returns the number of messages sent, which may be less than {@code count}; or -1. */
    static native int sendmmsg(int fd, long mmsghdrs, int count, int flags);

    /** recvmmsg(2), {@code timeout} the address of a timespec or 0. Returns the number of messages; or -1. */
    static native int recvmmsg(int fd, long mmsghdrs, int count, int flags, long timeout);

    /** epoll_create1(2). Returns a descriptor; or -1. */
    static native int epoll_create1(int flags);

    /** epoll_ctl(2). Returns 0; or -1. */
    static native int epoll_ctl(int epoll, int operation, int fd, long event);

    /** epoll_wait(2). Returns the number of ready events, 0 after the timeout; or -1. */
    static native int epoll_wait(int epoll, long events, int maxEvents, int timeoutMillis);

    /** eventfd(2). Returns a descriptor; or -1. */
    static native int eventfd(int initial, int flags);

    /** setns(2), for the calling thread. Returns 0; or -1. */
    static native int setns(int fd, int namespaceType);

    /** geteuid(2). Always succeeds. */
    static native int geteuid();
}
