package net.vgate.attachment;

import java.net.InetSocketAddress;
import net.vgate.encap.VtepEncapsulation;

/**
 * The gateway's own end of the tunnels to the switches of its data center.
 *
 * @param name for people
 * @param device interface of the gateway's own namespace, by which alone datagrams come and go, 1 to 15 characters
 * @param locator where it listens: an address of that interface; the switches are sent to at the same port
 */
public record VtepEndpoint(String name, VtepEncapsulation encapsulation, String device, InetSocketAddress locator) {}
