@NullMarked
package dev.writebehind.loadtest.scenario;

import org.jspecify.annotations.NullMarked;
