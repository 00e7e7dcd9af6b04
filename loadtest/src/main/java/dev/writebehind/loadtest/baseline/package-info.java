@NullMarked
package dev.writebehind.loadtest.baseline;

import org.jspecify.annotations.NullMarked;
