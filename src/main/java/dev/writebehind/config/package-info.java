/** A record for every setting and their loading from YAML and the environment. Calls no other package. */
@NullMarked
package dev.writebehind.config;

import org.jspecify.annotations.NullMarked;
