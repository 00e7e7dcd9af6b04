/** The operations of the service, without HTTP: taking, resetting and reading completions, and saying no. */
@NullMarked
package dev.writebehind.core;

import org.jspecify.annotations.NullMarked;
