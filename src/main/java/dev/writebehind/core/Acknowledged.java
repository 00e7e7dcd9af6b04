package dev.writebehind.core;

import dev.writebehind.config.Acknowledgement;

/**
 * The acknowledgement reached by changes that were all taken; immutable.
 *
 * @param changes how many
 */
public record Acknowledged(Acknowledgement level, int changes) implements Outcome {}
