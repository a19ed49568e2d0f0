/** Packets in place: batches, header views, checksums. No threads, no I/O, nothing of ours above it. */
@NullMarked
package net.vgate.packet;

import org.jspecify.annotations.NullMarked;
