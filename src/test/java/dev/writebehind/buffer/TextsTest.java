package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.KeyPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TextsTest {
    private static final int TURNS = 200_000;

    private final Texts texts = new Texts();
    private final BlockKey block = new KeyPool().block("block-v1:O+C+R+type@html+block@b");

    @Test
    void hold_isChargedForTheFirst_andFreedByTheLast() {
        long bytes = Texts.bytes(block);

        assertThat(texts.hold(block)).isEqualTo(bytes).isPositive();
        assertThat(texts.hold(block)).isZero();
        assertThat(texts.letGo(block)).isZero();
        assertThat(texts.isHeld(block)).isTrue();
        assertThat(texts.letGo(block)).isEqualTo(bytes);
        assertThat(texts.isHeld(block)).isFalse();
        assertThat(texts.hold(block)).isEqualTo(bytes);
    }

    @Test
    void hold_whileOthersLetGo_holdsIt_andAllIsFreedInTheEnd() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        Callable<Long> turns = () -> {
            long charged = 0;
            for (int i = 0; i < TURNS; i++) {
                charged += texts.hold(block);
                assertThat(texts.isHeld(block)).isTrue();
                charged -= texts.letGo(block);
            }
            return charged;
        };
        List<Future<Long>> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(threads.submit(turns));
        }
        long charged = 0;
        for (Future<Long> each : all) {
            charged += each.get();
        }
        threads.shutdown();

        assertThat(charged).isZero();
        assertThat(texts.isHeld(block)).isFalse();
    }
}
