package dev.writebehind.loadtest.peers;

import static java.util.Objects.requireNonNull;

import io.reactivex.rxjava3.core.Completable;
import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.schedulers.Schedulers;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.commons.marshall.JavaSerializationMarshaller;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.CustomStoreConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.context.Flag;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.persistence.spi.InitializationContext;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.infinispan.persistence.spi.NonBlockingStore;
import org.reactivestreams.Publisher;

/** Infinispan with an asynchronous store; its queue as long as the work, lest puts wait. Safe for any thread. */
public final class InfinispanEngine extends PeerEngine {
    /** Infinispan makes its stores itself. */
    private static final AtomicReference<RowStore> ROWS = new AtomicReference<>();

    private final DefaultCacheManager manager;
    private final AdvancedCache<PeerKey, PeerValue> cache;

    public InfinispanEngine(String database) throws SQLException {
        super(database);
        ROWS.set(rows);
        GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
        global.nonClusteredDefault();
        global.serialization()
                .marshaller(new JavaSerializationMarshaller())
                .allowList()
                .addClasses(PeerKey.class, PeerValue.class);
        ConfigurationBuilder configuration = new ConfigurationBuilder();
        configuration.encoding().mediaType(MediaType.APPLICATION_OBJECT_TYPE);
        configuration
                .persistence()
                .addStore(CustomStoreConfigurationBuilder.class)
                .customStoreClass(Store.class)
                .segmented(false)
                .async()
                .enable()
                .modificationQueueSize(ENTRIES);
        manager = new DefaultCacheManager(global.build());
        manager.defineConfiguration("completions", configuration.build());
        cache = manager.<PeerKey, PeerValue>getCache("completions")
                .getAdvancedCache()
                .withFlags(Flag.IGNORE_RETURN_VALUES, Flag.SKIP_CACHE_LOAD);
    }

    /** What the cache writes with. */
    public static final class Store implements NonBlockingStore<PeerKey, PeerValue> {
        @Override
        public CompletionStage<Void> start(InitializationContext context) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> stop() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<MarshallableEntry<PeerKey, PeerValue>> load(int segment, Object key) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> write(
                int segment, MarshallableEntry<? extends PeerKey, ? extends PeerValue> entry) {
            return written(List.of(PeerRow.of(entry.getKey(), entry.getValue())))
                    .toCompletionStage(null);
        }

        @Override
        public CompletionStage<Boolean> delete(int segment, Object key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> clear() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> batch(
                int publishers,
                Publisher<SegmentedPublisher<Object>> removed,
                Publisher<SegmentedPublisher<MarshallableEntry<PeerKey, PeerValue>>> written) {
            // Neither publishes anything before both are subscribed to.
            Completable removals = Flowable.fromPublisher(removed)
                    .concatMap(segment -> segment)
                    .ignoreElements();
            Completable writes = Flowable.fromPublisher(written)
                    .concatMap(segment -> segment)
                    .map(entry -> PeerRow.of(entry.getKey(), entry.getValue()))
                    .buffer(RowStore.BATCH)
                    .concatMapCompletable(Store::written);
            return Completable.mergeArray(removals, writes).toCompletionStage(null);
        }

        private static Completable written(List<PeerRow> batch) {
            return Completable.fromAction(() -> requireNonNull(ROWS.get()).write(batch))
                    .subscribeOn(Schedulers.io());
        }
    }

    @Override
    void put(PeerKey key, PeerValue value) {
        cache.put(key, value);
    }

    /** It writes on until nothing waits. */
    @Override
    public void drain() {
        cache.stop();
    }

    @Override
    void end() throws Exception {
        manager.close();
    }
}
