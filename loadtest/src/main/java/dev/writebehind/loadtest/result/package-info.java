@NullMarked
package dev.writebehind.loadtest.result;

import org.jspecify.annotations.NullMarked;
