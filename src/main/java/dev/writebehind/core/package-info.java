/** What the service does, without HTTP: takes, resets and reads completions, and says no. */
@NullMarked
package dev.writebehind.core;

import org.jspecify.annotations.NullMarked;
