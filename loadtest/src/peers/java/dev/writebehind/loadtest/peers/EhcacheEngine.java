package dev.writebehind.loadtest.peers;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ehcache.Cache;
import org.ehcache.CacheManager;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.config.builders.WriteBehindConfigurationBuilder;
import org.ehcache.spi.loaderwriter.CacheLoaderWriter;
import org.jspecify.annotations.Nullable;

/** Ehcache with its write-behind, batched and coalescing. Safe for any thread. */
public final class EhcacheEngine extends PeerEngine {
    private final CacheManager manager;
    private final Cache<PeerKey, PeerValue> cache;

    public EhcacheEngine(String database) throws SQLException {
        super(database);
        manager = CacheManagerBuilder.newCacheManagerBuilder()
                .withCache(
                        "completions",
                        CacheConfigurationBuilder.newCacheConfigurationBuilder(
                                        PeerKey.class, PeerValue.class, ResourcePoolsBuilder.heap(ENTRIES))
                                .withLoaderWriter(new Writer(rows))
                                .withService(WriteBehindConfigurationBuilder.newBatchedWriteBehindConfiguration(
                                                1, TimeUnit.SECONDS, RowStore.BATCH)
                                        .queueSize(ENTRIES)
                                        .concurrencyLevel(2)
                                        .enableCoalescing()))
                .build(true);
        cache = manager.getCache("completions", PeerKey.class, PeerValue.class);
    }

    /** What the cache writes with. */
    private record Writer(RowStore rows) implements CacheLoaderWriter<PeerKey, PeerValue> {
        @Override
        public @Nullable PeerValue load(PeerKey key) {
            return null;
        }

        @Override
        public void write(PeerKey key, PeerValue value) throws SQLException {
            rows.write(List.of(PeerRow.of(key, value)));
        }

        @Override
        public void writeAll(Iterable<? extends Map.Entry<? extends PeerKey, ? extends PeerValue>> entries)
                throws SQLException {
            List<PeerRow> batch = new ArrayList<>();
            entries.forEach(entry -> batch.add(PeerRow.of(entry.getKey(), entry.getValue())));
            rows.write(batch);
        }

        @Override
        public void delete(PeerKey key) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    void put(PeerKey key, PeerValue value) {
        cache.put(key, value);
    }

    /** There is no other way to bring everything into the table at once. */
    @Override
    public void drain() {
        manager.close();
    }
}
