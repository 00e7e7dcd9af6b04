@NullMarked
package dev.writebehind.loadtest.raw;

import org.jspecify.annotations.NullMarked;
