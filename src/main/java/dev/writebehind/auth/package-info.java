/** The authentication of callers: servers' tokens, JWTs, cookies. Calls {@code config},
 * {@code condition} and {@code blocking} only. */
@NullMarked
package dev.writebehind.auth;

import org.jspecify.annotations.NullMarked;
