/** The borders between modules and packages, held by tests. */
@NullMarked
package net.vgate.architecture;

import org.jspecify.annotations.NullMarked;
