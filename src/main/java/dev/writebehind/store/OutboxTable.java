package dev.writebehind.store;

/** The table of what is to be announced. Stateless. */
final class OutboxTable {
    static final String NAME = "completion_writebehind_outbox";

    static final OwnTable TABLE = new OwnTable(
            NAME,
            "schema/outbox/create_" + NAME + ".sql",
            "openedx.announce",
            "by which its entries would not come and go with their rows",
            OwnTable.pairs(
                    "id", "bigint auto_increment",
                    "completion_id", "bigint",
                    "user_id", "int",
                    "is_new", "tinyint",
                    "modified", "datetime(6)"),
            OwnTable.pairs(
                    "SELECT",
                    "SELECT * FROM " + NAME + " WHERE FALSE",
                    "INSERT",
                    "INSERT INTO " + NAME + " (id) VALUES (1)"));

    private OutboxTable() {}
}
