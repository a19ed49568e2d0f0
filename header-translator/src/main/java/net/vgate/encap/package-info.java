/** What stands between a record's plaintext and a tenant's packet: Geneve, its options, and what all headers cost. */
@NullMarked
package net.vgate.encap;

import org.jspecify.annotations.NullMarked;
