/** JMH benchmarks, run by hand: org.openjdk.jmh.Main on the class path of the tests. */
@NullMarked
package net.vgate.benchmark;

import org.jspecify.annotations.NullMarked;
