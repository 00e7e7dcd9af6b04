package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the table into shape and tells whether it is. Safe for any thread; every call blocks on the database. */
public final class Schema {
    private static final Logger log = LoggerFactory.getLogger(Schema.class);
    private static final String HISTORY = "writebehind_schema_history";

    private final JdbcAddress address;

    private Schema(JdbcAddress address) {
        this.address = address;
    }

    /** Returns the schema of the configured database; connects to nothing yet. */
    public static Schema of(DatabaseSettings settings) {
        return new Schema(JdbcAddress.of(settings));
    }

    /**
     * Applies the migrations in {@code schema/} that the database has not seen. Safe to run twice, and by several
     * instances at once.
     *
     * @return how many were applied
     */
    public int migrate() {
        MigrateResult result = Flyway.configure(Schema.class.getClassLoader())
                .dataSource(address.url(), address.user(), address.password())
                .locations("classpath:schema")
                .table(HISTORY)
                // The schema is the LMS's, with tables of its own: our history begins before our first migration.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .cleanDisabled(true)
                .load()
                .migrate();
        return result.migrationsExecuted;
    }

    /**
     * Migrates if asked to, then makes sure that the table is fit.
     *
     * @throws UnfitSchemaException if it is not, with every reason
     */
    public void prepare(boolean migrate) throws SQLException {
        if (migrate) {
            int applied = migrate();
            log.info("The schema is up to date; {} migrations applied", applied);
        }
        String reasons = check().stream()
                .filter(finding -> !finding.fit())
                .map(Finding::text)
                .collect(Collectors.joining("; "));
        if (!reasons.isEmpty()) {
            throw new UnfitSchemaException("the database is not fit: " + reasons);
        }
    }

    /** Whether a call failed because the database could not be reached, rather than for what was found there. */
    public static boolean isUnreachable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && sql.getSQLState().startsWith("08")) {
                return true;
            }
        }
        return false;
    }

    /** Returns what was found about the table, fit and unfit. */
    public List<Finding> check() throws SQLException {
        try (Connection connection = address.connect()) {
            return SchemaCheck.findings(connection);
        }
    }
}
