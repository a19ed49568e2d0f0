/** Tests of the package, with naive models beside what is clever. */
@NullMarked
package net.vgate.translate;

import org.jspecify.annotations.NullMarked;
