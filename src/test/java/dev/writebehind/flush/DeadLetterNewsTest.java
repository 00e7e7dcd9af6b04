package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DeadLetterNewsTest {
    private final Vertx vertx = Vertx.vertx();
    private final Logger logger = (Logger) LoggerFactory.getLogger(DeadLetterNews.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void close() {
        logger.detachAppender(lines);
        vertx.close().await();
    }

    @Test
    void buried_many_tellsOfTheFirstAtOnce_andOfAllOthersInOneLine() {
        DeadLetterNews news = new DeadLetterNews(vertx, 300);
        Context context = vertx.getOrCreateContext();
        context.runOnContext(go -> {
            for (int id = 1; id <= 500; id++) {
                news.buried(String.valueOf(id));
            }
        });

        await().until(() -> lines.list.size() == 2);
        assertThat(texts())
                .containsExactly(
                        "The table can't hold a change; it is dead letter 1",
                        "The table can't hold 499 more changes; the last of them is dead letter 500");
    }

    @Test
    void buried_afterAWhileWithoutAny_isToldAtOnceAgain() {
        DeadLetterNews news = new DeadLetterNews(vertx, 1);
        Context context = vertx.getOrCreateContext();
        context.runOnContext(go -> news.buried("1"));
        await().until(() -> lines.list.size() == 1);
        // Behind the timer of the first, on the same context.
        context.runOnContext(go -> vertx.setTimer(50, later -> news.buried("2")));
        await().until(() -> lines.list.size() == 2);
        assertThat(texts().get(1)).isEqualTo("The table can't hold a change; it is dead letter 2");
    }

    private List<String> texts() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
