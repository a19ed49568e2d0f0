/** DTLS 1.2 records: sealing and opening in batches, epochs, sequence numbers and the replay window. */
@NullMarked
package net.vgate.record;

import org.jspecify.annotations.NullMarked;
