/** A journal in files of this machine: segments, frames, replay. */
@NullMarked
package dev.writebehind.journal.file;

import org.jspecify.annotations.NullMarked;
