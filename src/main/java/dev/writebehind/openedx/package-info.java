/** The Open edX dialect of the API: the batch route, users, enrolments, the switch. */
@NullMarked
package dev.writebehind.openedx;

import org.jspecify.annotations.NullMarked;
