package dev.writebehind.store;

import java.util.List;

/**
 * The result of a migration; immutable.
 *
 * @param applied how many of the migrations in {@code schema/} were applied
 * @param outbox whether the outbox was created
 * @param droppedKeys the foreign keys to the user table that were dropped, as people read them
 * @param attempts at which attempt the tables were free
 */
public record Migrated(int applied, boolean outbox, List<String> droppedKeys, int attempts, long millis) {
    public Migrated {
        droppedKeys = List.copyOf(droppedKeys);
    }

    /** Returns it in a line. */
    public String text() {
        return applied + " migrations applied"
                + (outbox ? ", created the table " + OutboxTable.NAME : "")
                + (droppedKeys.isEmpty()
                        ? ", no foreign key to drop"
                        : ", dropped the foreign key " + String.join(", ", droppedKeys) + " in " + millis
                                + " ms, at attempt " + attempts + "; the command undo adds it again");
    }
}
