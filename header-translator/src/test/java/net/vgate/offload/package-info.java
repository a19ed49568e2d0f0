/** Tests of super-packets. */
@NullMarked
package net.vgate.offload;

import org.jspecify.annotations.NullMarked;
