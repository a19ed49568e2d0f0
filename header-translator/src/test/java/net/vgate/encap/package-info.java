/** Tests of the package, with naive models beside what is clever. */
@NullMarked
package net.vgate.encap;

import org.jspecify.annotations.NullMarked;
