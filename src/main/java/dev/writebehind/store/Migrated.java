package dev.writebehind.store;

import java.util.List;

/**
 * The result of a migration; immutable.
 *
 * @param applied how many of the migrations in {@code schema/} were applied
 * @param created the tables of the service's own that were created
 * @param droppedKeys the foreign keys to the user table that were dropped, as people read them
 * @param attempts at which attempt the tables were free
 */
public record Migrated(int applied, List<String> created, List<String> droppedKeys, int attempts, long millis) {
    public Migrated {
        created = List.copyOf(created);
        droppedKeys = List.copyOf(droppedKeys);
    }

    /** Returns it in a line. */
    public String text() {
        return applied + " migrations applied"
                + (created.isEmpty() ? "" : ", created the table " + String.join(" and ", created))
                + (droppedKeys.isEmpty()
                        ? ", no foreign key to drop"
                        : ", dropped the foreign key " + String.join(", ", droppedKeys) + " in " + millis
                                + " ms, at attempt " + attempts + "; the command undo adds it again");
    }
}
