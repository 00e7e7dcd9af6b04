@NullMarked
package dev.writebehind.loadtest;

import org.jspecify.annotations.NullMarked;
