/** Where members' packets come in and go out: the seam and its kinds. */
@NullMarked
package net.vgate.attachment;

import org.jspecify.annotations.NullMarked;
