/** What every port shares: framing, spelling of targets, deadlines, bodies, problems; and the public server itself. */
@NullMarked
package dev.writebehind.http;

import org.jspecify.annotations.NullMarked;
