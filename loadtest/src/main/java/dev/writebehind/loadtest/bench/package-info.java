@NullMarked
package dev.writebehind.loadtest.bench;

import org.jspecify.annotations.NullMarked;
