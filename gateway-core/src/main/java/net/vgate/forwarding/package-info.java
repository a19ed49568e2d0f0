/**
 * The tables that the data path looks packets up in: prefixes, V-nets, flows, fragments. No I/O, no clock of their own.
 */
@NullMarked
package net.vgate.forwarding;

import org.jspecify.annotations.NullMarked;
