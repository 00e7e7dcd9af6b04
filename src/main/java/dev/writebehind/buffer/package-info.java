/** Pending writes in memory: coalescing, bounds, overlay reads, and what was flushed or read a moment ago. */
@NullMarked
package dev.writebehind.buffer;

import org.jspecify.annotations.NullMarked;
