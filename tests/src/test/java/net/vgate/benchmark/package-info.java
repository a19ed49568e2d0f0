/** JMH benchmarks of the stages of the data path, which tests/bench/jmh runs. */
@NullMarked
package net.vgate.benchmark;

import org.jspecify.annotations.NullMarked;
