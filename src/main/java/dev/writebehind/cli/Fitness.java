package dev.writebehind.cli;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.store.Finding;
import dev.writebehind.store.Schema;
import dev.writebehind.store.ServingLogin;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The check of a database by both ways that lead there, JDBC's and serving's own. Blocks the calling thread. */
final class Fitness {
    private Fitness() {}

    /** Returns what is found of the table, and whether serving can log in. */
    static List<Finding> of(DatabaseSettings database, Schema schema) throws SQLException {
        List<Finding> findings = new ArrayList<>(schema.check());
        findings.add(serving(database, findings.stream().allMatch(Finding::fit)));
        return findings;
    }

    private static Finding serving(DatabaseSettings database, boolean upsert) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            return ServingLogin.finding(vertx, database, upsert)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
