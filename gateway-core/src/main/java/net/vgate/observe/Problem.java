package net.vgate.observe;

/**
 * Why there is no answer.
 *
 * @param problem in one line, for people
 */
public record Problem(String problem) {}
