/** The command line: one class a verb. */
@NullMarked
package net.vgate.cli;

import org.jspecify.annotations.NullMarked;
