/** Files that are nobody else's business. */
@NullMarked
package dev.writebehind.files;

import org.jspecify.annotations.NullMarked;
