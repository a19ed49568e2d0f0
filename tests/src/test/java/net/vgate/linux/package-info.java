/** The device host, TUN devices and sockets in real network namespaces. */
@NullMarked
package net.vgate.linux;

import org.jspecify.annotations.NullMarked;
