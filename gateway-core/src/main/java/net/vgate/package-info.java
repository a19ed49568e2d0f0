/** The gateway as a whole: wired by hand, top to bottom. */
@NullMarked
package net.vgate;

import org.jspecify.annotations.NullMarked;
