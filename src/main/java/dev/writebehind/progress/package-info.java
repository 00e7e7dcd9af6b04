/** How far something long has come: who does it tells, who waits is told at a pace of his own. */
@NullMarked
package dev.writebehind.progress;

import org.jspecify.annotations.NullMarked;
