package dev.writebehind.loadtest.peers;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MapStoreConfig;
import com.hazelcast.config.MapStoreConfig.InitialLoadMode;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.MapStore;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hazelcast's map with a MapStore behind it, which coalesces, a second late at the least. Safe for any thread. */
public final class HazelcastEngine extends PeerEngine {
    private final HazelcastInstance hazelcast;
    private final IMap<PeerKey, PeerValue> map;

    public HazelcastEngine(String database) throws SQLException {
        super(database);
        Config config = new Config();
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.logging.type", "none");
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        config.addMapConfig(new MapConfig("completions")
                .setBackupCount(0)
                .setInMemoryFormat(InMemoryFormat.BINARY)
                .setMapStoreConfig(new MapStoreConfig()
                        .setEnabled(true)
                        .setImplementation(new Store(rows))
                        .setInitialLoadMode(InitialLoadMode.LAZY)
                        .setWriteDelaySeconds(1)
                        .setWriteBatchSize(RowStore.BATCH)
                        .setWriteCoalescing(true)));
        hazelcast = Hazelcast.newHazelcastInstance(config);
        map = hazelcast.getMap("completions");
        if (!map.isEmpty()) {
            throw new IllegalStateException("the map is not empty");
        }
    }

    /** What the map writes with. */
    private record Store(RowStore rows) implements MapStore<PeerKey, PeerValue> {
        @Override
        public void store(PeerKey key, PeerValue value) {
            storeAll(Map.of(key, value));
        }

        @Override
        public void storeAll(Map<PeerKey, PeerValue> map) {
            try {
                rows.write(map.entrySet().stream()
                        .map(entry -> PeerRow.of(entry.getKey(), entry.getValue()))
                        .toList());
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void delete(PeerKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void deleteAll(Collection<PeerKey> keys) {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable PeerValue load(PeerKey key) {
            return null;
        }

        @Override
        public Map<PeerKey, PeerValue> loadAll(Collection<PeerKey> keys) {
            return Map.of();
        }

        @Override
        public Iterable<PeerKey> loadAllKeys() {
            return List.of();
        }
    }

    @Override
    void put(PeerKey key, PeerValue value) {
        map.set(key, value);
    }

    @Override
    public void drain() {
        map.flush();
    }

    @Override
    void end() {
        hazelcast.shutdown();
    }
}
