/** The public HTTP API: routes, decoding, acknowledgement, overlay reads, problems. */
@NullMarked
package dev.writebehind.ingest;

import org.jspecify.annotations.NullMarked;
