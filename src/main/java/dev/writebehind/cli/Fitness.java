package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.store.Finding;
import dev.writebehind.store.LmsCheck;
import dev.writebehind.store.Schema;
import dev.writebehind.store.ServingLogin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The check of a database by both ways that lead there, JDBC's and serving's own. Blocks the calling thread. */
final class Fitness {
    private Fitness() {}

    /** Returns what is found of the table, whether serving can log in, and what it can read of the LMS's. */
    static List<Finding> of(Settings settings, Schema schema) throws SQLException {
        List<Finding> findings = new ArrayList<>(schema.check());
        boolean upsert = findings.stream().allMatch(Finding::fit);
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            findings.add(get(ServingLogin.finding(vertx, settings.database(), upsert)));
            if (settings.openedx().enabled()) {
                findings.addAll(get(LmsCheck.findings(vertx, settings.database(), settings.openedx())));
            }
            return findings;
        } finally {
            get(vertx.close());
        }
    }

    private static <T> T get(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
