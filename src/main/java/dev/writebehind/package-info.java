/** The service as a whole: commands, wiring, ordered start and stop. */
@NullMarked
package dev.writebehind;

import org.jspecify.annotations.NullMarked;
