/** Super-packets in place: cut into the packets of the wire, and made of them, by the rules of Linux's GSO and GRO. */
@NullMarked
package net.vgate.offload;

import org.jspecify.annotations.NullMarked;
