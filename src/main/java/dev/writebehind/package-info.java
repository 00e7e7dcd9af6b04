/** The service as a whole: wiring, ordered start and stop. */
@NullMarked
package dev.writebehind;

import org.jspecify.annotations.NullMarked;
