/** How both ports read HTTP: framing, the spelling of what is asked for. */
@NullMarked
package dev.writebehind.http;

import org.jspecify.annotations.NullMarked;
