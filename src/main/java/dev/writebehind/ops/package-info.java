/** The management port: health and administration. */
@NullMarked
package dev.writebehind.ops;

import org.jspecify.annotations.NullMarked;
