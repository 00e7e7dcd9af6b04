/** Certificates and keys in PEM files. Calls {@code config} and {@code condition} only. */
@NullMarked
package dev.writebehind.tls;

import org.jspecify.annotations.NullMarked;
