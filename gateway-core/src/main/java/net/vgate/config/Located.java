package net.vgate.config;

/** A value and where it was written. */
record Located<T>(T value, Spot spot) {}
