"""What the benchmarks in Java have in common: building, running, and showing figures."""
