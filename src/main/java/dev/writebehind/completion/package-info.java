/** The domain: a completion write, its keys, and how writes of one key fold into one. Calls no other package. */
@NullMarked
package dev.writebehind.completion;

import org.jspecify.annotations.NullMarked;
