/** The flusher: when pending writes go to the table, in which batches, and what happens when that fails. */
@NullMarked
package dev.writebehind.flush;

import org.jspecify.annotations.NullMarked;
