/** Everything that speaks SQL: the upsert, reads, dialects, migrations and the check of the table. */
@NullMarked
package dev.writebehind.store;

import org.jspecify.annotations.NullMarked;
