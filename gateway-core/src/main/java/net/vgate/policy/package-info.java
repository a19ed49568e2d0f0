/** Policy at work: what may cross between sites, packet by packet. */
@NullMarked
package net.vgate.policy;

import org.jspecify.annotations.NullMarked;
