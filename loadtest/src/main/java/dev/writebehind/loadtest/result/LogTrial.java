package dev.writebehind.loadtest.result;

/**
 * What one side made of something that goes wrong; immutable.
 *
 * @param keys that the table must hold
 * @param missing of these, those that it does not
 * @param wrong rows that hold another value than the last, or must not be there
 * @param told what the side said of it
 */
public record LogTrial(String trial, String side, int keys, int missing, int wrong, String told) {}
