@NullMarked
package dev.writebehind.loadtest.traffic;

import org.jspecify.annotations.NullMarked;
