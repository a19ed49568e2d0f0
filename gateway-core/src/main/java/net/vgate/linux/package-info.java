/** The kernel of 64-bit Linux, through JNA: TUN devices, batches of UDP datagrams, epoll and network namespaces. */
@NullMarked
package net.vgate.linux;

import org.jspecify.annotations.NullMarked;
