package dev.writebehind.loadtest.traffic;

/**
 * One reported completion; immutable.
 *
 * @param run of the course, from 0
 * @param block of the course, from 0
 */
public record Write(int run, int block, double completion) {}
