package dev.writebehind.loadtest.result;

/**
 * One second of a run; immutable.
 *
 * @param at seconds since the measured phase began; negative while warming up
 * @param due writes that were due in it
 * @param accepted writes that were acknowledged in it
 * @param failed writes that were refused, or failed, in it
 * @param p99 of the requests answered in it, from when they were due, in milliseconds
 */
public record Second(int at, long due, long accepted, long failed, double p99) {}
