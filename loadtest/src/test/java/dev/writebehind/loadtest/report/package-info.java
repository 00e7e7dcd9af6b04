@NullMarked
package dev.writebehind.loadtest.report;

import org.jspecify.annotations.NullMarked;
