/**
 * What a gateway changes in tenants' packets, and the few packets that it makes itself. Every change keeps every
 * checksum as right, or as wrong, as it was.
 */
@NullMarked
package net.vgate.translate;

import org.jspecify.annotations.NullMarked;
