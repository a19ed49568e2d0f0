/** Real gateway processes in network namespaces, tried as their users would. */
@NullMarked
package net.vgate.system;

import org.jspecify.annotations.NullMarked;
