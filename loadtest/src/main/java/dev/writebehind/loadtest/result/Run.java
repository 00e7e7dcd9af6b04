package dev.writebehind.loadtest.result;

import java.util.Map;

/**
 * One scenario, run once against one variant; immutable.
 *
 * @param round from 1
 * @param parameters of the scenario, in words, for the reader
 * @param heldShare the share of learners whose user row somebody held, on average; 0 where nobody did
 * @param drainSeconds from the client's end until everything accepted was in the table
 */
public record Run(
        String scenario,
        Variant variant,
        int round,
        Map<String, String> parameters,
        double heldShare,
        double drainSeconds,
        Recording recording,
        DatabaseUse database,
        CpuUse cpu,
        RowCheck rows) {
    public Run {
        parameters = Map.copyOf(parameters);
    }

    /** Returns the database's statements for each write accepted, both of the whole run; 0 if none was accepted. */
    public double statementsPerWrite() {
        return recording.acceptedInAll() == 0 ? 0 : (double) database.statements() / recording.acceptedInAll();
    }
}
