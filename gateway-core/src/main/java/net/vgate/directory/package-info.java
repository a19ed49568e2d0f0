/** The directory: who is a member of which V-net, kept in memory and in a durable file. */
@NullMarked
package net.vgate.directory;

import org.jspecify.annotations.NullMarked;
