/** JMH benchmarks, run by hand: see CONTRIBUTING.md. */
@NullMarked
package net.vgate.benchmark;

import org.jspecify.annotations.NullMarked;
