/** The conditions: what is wrong at present, as one thing for the log, the health answer and the meters. */
@NullMarked
package dev.writebehind.condition;

import org.jspecify.annotations.NullMarked;
