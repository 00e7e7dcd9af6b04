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
public final class CaffeineEngine extends PeerEngine {
    private final Cache<PeerKey, PeerValue> cache =
            Caffeine.newBuilder().maximumSize(ENTRIES).build();
    private final Map<PeerKey, PeerValue> dirty = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    private final ScheduledFuture<?> flushing;

    public CaffeineEngine(String database) throws SQLException {
        super(database);
        flushing = timer.scheduleWithFixedDelay(this::flush, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    void put(PeerKey key, PeerValue value) {
        cache.asMap().compute(key, (same, before) -> {
            dirty.put(same, value);
            return value;
        });
    }

    private synchronized void flush() {
        List<PeerKey> keys = new ArrayList<>(dirty.keySet());
        for (int from = 0; from < keys.size(); from += RowStore.BATCH) {
            List<PeerRow> batch = new ArrayList<>();
            for (PeerKey key : keys.subList(from, Math.min(keys.size(), from + RowStore.BATCH))) {
                PeerValue value = dirty.remove(key);
                if (value != null) {
                    batch.add(PeerRow.of(key, value));
                }
            }
            try {
                rows.write(batch);
            } catch (SQLException e) {
                batch.forEach(row -> dirty.putIfAbsent(
                        new PeerKey(row.user(), row.course(), row.block()),
                        new PeerValue(row.completion(), row.receivedMillis())));
                return;
            }
        }
    }

    @Override
    public void drain() {
        while (!dirty.isEmpty()) {
            flush();
        }
        flushing.cancel(false);
        timer.shutdown();
    }
}
