/** What the calls of the kernel do, on loopback and without privileges. */
@NullMarked
package net.vgate.linux;

import org.jspecify.annotations.NullMarked;
