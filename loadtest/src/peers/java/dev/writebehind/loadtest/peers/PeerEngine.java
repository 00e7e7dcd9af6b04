package dev.writebehind.loadtest.peers;

import java.sql.SQLException;

/** A peer with its rows' store. Accepts what is put before it returns. Safe for any thread, as its cache must be. */
abstract class PeerEngine implements Engine {
    static final int ENTRIES = 1_000_000;

    final RowStore rows;

    PeerEngine(String database) throws SQLException {
        rows = new RowStore(PeerRun.jdbc(database));
    }

    abstract void put(PeerKey key, PeerValue value);

    /** Ends what {@link #drain} has not. */
    void end() throws Exception {}

    @Override
    public final void put(int user, String course, String block, double completion) {
        put(new PeerKey(user, course, block), new PeerValue(completion, System.currentTimeMillis()));
    }

    @Override
    public final void accepted() {}

    @Override
    public final long rowsSent() {
        return rows.rows();
    }

    @Override
    public final long statements() {
        return rows.statements();
    }

    @Override
    public final void close() throws Exception {
        end();
        rows.close();
    }
}
