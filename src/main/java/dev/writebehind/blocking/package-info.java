/** Work that waits: for a disk or a database, kept off the event loops; for a while; for the work before it. */
@NullMarked
package dev.writebehind.blocking;

import org.jspecify.annotations.NullMarked;
