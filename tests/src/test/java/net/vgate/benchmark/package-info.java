/** Benchmarks: of the stages of the data path, for tests/bench/jmh; and of a whole worker, for tests/bench/scale. */
@NullMarked
package net.vgate.benchmark;

import org.jspecify.annotations.NullMarked;
