/** Durable acknowledgement and replay. */
@NullMarked
package dev.writebehind.journal;

import org.jspecify.annotations.NullMarked;
