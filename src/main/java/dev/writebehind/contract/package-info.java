/** The contract of the API as OpenAPI has it, and the page that shows it. */
@NullMarked
package dev.writebehind.contract;

import org.jspecify.annotations.NullMarked;
