package dev.writebehind.loadtest.peers;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A write-behind as people write it with Caffeine: what is put is noted as dirty under the entry's lock, and a timer
 * writes once a second what has piled up. Safe for any thread.
 */
public final class CaffeineEngine implements Engine {
    private static final int ENTRIES = 1_000_000;

    private final RowStore store;
    private final Cache<PeerKey, PeerValue> cache =
            Caffeine.newBuilder().maximumSize(ENTRIES).build();
    private final Map<PeerKey, PeerValue> dirty = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    private final ScheduledFuture<?> flushing;

    public CaffeineEngine(String database) throws SQLException {
        store = new RowStore(PeerRun.jdbc(database));
        flushing = timer.scheduleWithFixedDelay(this::flush, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void put(int user, String course, String block, double completion) {
        PeerValue value = new PeerValue(completion, System.currentTimeMillis());
        cache.asMap().compute(new PeerKey(user, course, block), (key, before) -> {
            dirty.put(key, value);
            return value;
        });
    }

    private synchronized void flush() {
        List<PeerKey> keys = new ArrayList<>(dirty.keySet());
        for (int from = 0; from < keys.size(); from += RowStore.BATCH) {
            List<PeerRow> rows = new ArrayList<>();
            for (PeerKey key : keys.subList(from, Math.min(keys.size(), from + RowStore.BATCH))) {
                PeerValue value = dirty.remove(key);
                if (value != null) {
                    rows.add(PeerRow.of(key, value));
                }
            }
            try {
                store.write(rows);
            } catch (SQLException e) {
                rows.forEach(row -> dirty.putIfAbsent(
                        new PeerKey(row.user(), row.course(), row.block()),
                        new PeerValue(row.completion(), row.receivedMillis())));
                return;
            }
        }
    }

    @Override
    public void accepted() {}

    @Override
    public void drain() {
        while (!dirty.isEmpty()) {
            flush();
        }
        flushing.cancel(false);
        timer.shutdown();
    }

    @Override
    public long rowsSent() {
        return store.rows();
    }

    @Override
    public long statements() {
        return store.statements();
    }

    @Override
    public void close() throws SQLException {
        store.close();
    }
}
