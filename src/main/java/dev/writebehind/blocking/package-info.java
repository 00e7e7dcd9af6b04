/** Work that waits for a disk or a database, kept off the event loops. */
@NullMarked
package dev.writebehind.blocking;

import org.jspecify.annotations.NullMarked;
