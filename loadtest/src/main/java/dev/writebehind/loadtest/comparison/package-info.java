@NullMarked
package dev.writebehind.loadtest.comparison;

import org.jspecify.annotations.NullMarked;
