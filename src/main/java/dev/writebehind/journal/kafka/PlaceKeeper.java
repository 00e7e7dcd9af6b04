package dev.writebehind.journal.kafka;

/** The keeping of the place from which a new instance begins, for all instances. Safe for any thread. */
interface PlaceKeeper {
    /** Keeps it instead of the last one; does not block. Where that fails, the last one holds until the next call. */
    void keep(Place place);
}
