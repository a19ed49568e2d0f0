/** Network namespaces for system tests: made under names of their own, wired, watched, and always taken away. */
@NullMarked
package net.vgate.testbed;

import org.jspecify.annotations.NullMarked;
