package dev.writebehind.core;

import dev.writebehind.config.Acknowledgement;

/**
 * All changes were taken, and the acknowledgement is reached; immutable.
 *
 * @param changes how many
 */
public record Acknowledged(Acknowledgement level, int changes) implements Outcome {}
