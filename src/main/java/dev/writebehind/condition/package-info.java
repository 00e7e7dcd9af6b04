/** The conditions: what is wrong at present, as one thing for log, health and meters; and what changed lately. */
@NullMarked
package dev.writebehind.condition;

import org.jspecify.annotations.NullMarked;
