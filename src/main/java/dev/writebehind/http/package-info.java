/**
 * The HTTP side of the ports: framing, spelling of targets, deadlines, bodies, problems; and the public server itself.
 */
@NullMarked
package dev.writebehind.http;

import org.jspecify.annotations.NullMarked;
