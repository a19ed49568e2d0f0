/** Who decides: one conductor thread owns all control state, takes commands, and publishes plans to the workers. */
@NullMarked
package net.vgate.control;

import org.jspecify.annotations.NullMarked;
