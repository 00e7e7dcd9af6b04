/** The form of the log's lines: text for people, JSON for whatever collects logs. */
@NullMarked
package dev.writebehind.log;

import org.jspecify.annotations.NullMarked;
