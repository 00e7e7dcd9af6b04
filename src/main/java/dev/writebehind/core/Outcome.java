package dev.writebehind.core;

/**
 * The end of {@link WriteBehind#take} or {@link WriteBehind#reset}: the acknowledgement that was asked for, or a no.
 */
public sealed interface Outcome permits Acknowledged, NotTaken {}
