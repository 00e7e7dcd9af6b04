/** Who is calling: servers' tokens, JWTs, cookies. Calls {@code config} only. */
@NullMarked
package dev.writebehind.auth;

import org.jspecify.annotations.NullMarked;
