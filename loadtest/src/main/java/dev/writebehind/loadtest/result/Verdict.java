package dev.writebehind.loadtest.result;

/**
 * The verdict on one thing that must be so; immutable.
 *
 * @param claim in words
 * @param measured in figures, both sides of a ratio
 */
public record Verdict(String claim, String measured, boolean met) {}
