@NullMarked
package dev.writebehind.loadtest.peers;

import org.jspecify.annotations.NullMarked;
