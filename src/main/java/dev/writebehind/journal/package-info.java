/** Durable acknowledgement and replay: what an instance's own journal promises, and a log that several share. */
@NullMarked
package dev.writebehind.journal;

import org.jspecify.annotations.NullMarked;
