/** The command line: a class for each command, their options, what they print, and their exit codes. */
@NullMarked
package dev.writebehind.cli;

import org.jspecify.annotations.NullMarked;
