package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.config.FlushSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * The prepared work of a cycle: the drained changes as the table takes them, and the plan for those that go to it.
 * Immutable.
 */
record Prepared(Reconciled changes, Plan plan) {
    static Prepared of(Reconciled changes, Parked parked, FlushSettings settings, Plan.Spread spread) {
        return new Prepared(
                changes,
                Plan.of(
                        changes.resets(),
                        changes.writes(),
                        changes.present()::contains,
                        parked::isLockExpected,
                        settings.batchSize(),
                        settings.lanes(),
                        spread));
    }

    /** Returns every change that is to be told what becomes of it. */
    List<Change> all() {
        List<Change> all = new ArrayList<>(changes.resets());
        all.addAll(changes.writes());
        changes.refused().forEach(refused -> all.add(refused.change()));
        changes.undone().forEach(undone -> all.add(undone.write()));
        return all;
    }
}
