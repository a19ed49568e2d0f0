/** What the gateway says of itself: status, metrics, health and log lines. It reads, and is asked by nobody of ours. */
@NullMarked
package net.vgate.observe;

import org.jspecify.annotations.NullMarked;
