/** The native API: decoding, access, acknowledgements, overlay reads. */
@NullMarked
package dev.writebehind.api;

import org.jspecify.annotations.NullMarked;
