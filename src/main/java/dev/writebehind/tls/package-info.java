/** Certificates and keys in PEM files. Calls {@code config} only. */
@NullMarked
package dev.writebehind.tls;

import org.jspecify.annotations.NullMarked;
