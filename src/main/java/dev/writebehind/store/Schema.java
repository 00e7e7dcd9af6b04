package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.progress.Pace;
import dev.writebehind.progress.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maintenance of the table's schema, which brings it into shape and tells whether it is. Safe for any thread; every
 * call blocks on the database.
 */
public final class Schema {
    private static final Logger log = LoggerFactory.getLogger(Schema.class);
    /**
     * Held until its connection closes: Flyway fails where another instance has just created its history, still empty.
     */
    private static final String TAKE_TURNS =
            "SELECT GET_LOCK(CONCAT('writebehind.', LEFT(SHA2(DATABASE(), 256), 40)), 60)";

    private static final String HISTORY = "writebehind_schema_history";
    private static final int ORPHANS_PER_BATCH = 1_000;
    private static final int MIGRATION_ATTEMPTS = 10;
    private static final Duration LINES = Duration.ofSeconds(5);
    /** The history, a row of it, or a column is there already (1050, 1062, 1060), is not there yet (1146). */
    private static final Set<Integer> MEETING = Set.of(1050, 1060, 1062, 1146);
    /** The same, as Flyway finds it out: what it was about to begin another has begun since it looked. */
    private static final List<String> MEETING_WORDS =
            List.of("non-empty schema", "already exists, and is empty", "already contains migrations");

    private final JdbcAddress address;
    private final OnlineAlter alter;
    private final String turn;
    private final boolean announced;
    private final boolean fenced;

    Schema(JdbcAddress address, OnlineAlter alter) {
        this(address, alter, TAKE_TURNS, false, false);
    }

    /** @param turn the statement after which no other instance migrates, at the same node at least */
    Schema(JdbcAddress address, OnlineAlter alter, String turn) {
        this(address, alter, turn, false, false);
    }

    private Schema(JdbcAddress address, OnlineAlter alter, String turn, boolean announced, boolean fenced) {
        this.address = address;
        this.alter = alter;
        this.turn = turn;
        this.announced = announced;
        this.fenced = fenced;
    }

    /** Returns the schema of the configured database, without an outbox; connects to nothing yet. */
    public static Schema of(DatabaseSettings settings) {
        return of(settings, false);
    }

    /** Returns the schema, to which the outbox belongs where flushes announce, and which one instance uses alone. */
    public static Schema of(DatabaseSettings settings, boolean announced) {
        return of(settings, announced, false);
    }

    /** Returns the schema, with the tables of claims and of dead letters where several instances share a log. */
    public static Schema of(DatabaseSettings settings, boolean announced, boolean fenced) {
        return new Schema(JdbcAddress.of(settings), OnlineAlter.patient(), TAKE_TURNS, announced, fenced);
    }

    /**
     * Applies the migrations in {@code schema/} that the database has not seen, creates those of the tables of our
     * own that there are to be, then drops the foreign key to the user table if there is one. Safe to run
     * twice, and by several instances at once.
     *
     * @param progress told what takes long
     * @throws UnfitSchemaException if the key can't be dropped now
     */
    public Migrated migrate(Progress progress) throws SQLException {
        try (Connection connection = address.connect()) {
            return StageWatch.during(connection, address, progress, () -> migrate(connection));
        }
    }

    private Migrated migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(turn);
            int applied = migrateBesideOthers();
            List<String> created = new ArrayList<>();
            for (OwnTable table : ownTables()) {
                if (table.create(connection)) {
                    created.add(table.name());
                }
            }
            UserKeyRemoval.Removed removed = new UserKeyRemoval(alter).run(connection);
            return new Migrated(applied, created, removed.keys(), removed.attempts(), removed.millis());
        }
    }

    /** As the other, and tells nobody how far it is. */
    public Migrated migrate() throws SQLException {
        return migrate(Progress.NONE);
    }

    /** On a cluster each node takes turns by itself, so that instances meet in Flyway's tables all the same. */
    private int migrateBesideOthers() {
        for (int attempt = 1; ; attempt++) {
            try {
                return flyway().migrate().migrationsExecuted;
            } catch (FlywayException e) {
                if (attempt == MIGRATION_ATTEMPTS || !isMeeting(e)) {
                    throw e;
                }
                log.info("Another instance migrates as well; trying again: {}", e.getMessage());
                mend();
                alter.pauseBriefly();
            }
        }
    }

    /** Every migration may be run again, so one that was noted as failed need not be looked into by hand. */
    private void mend() {
        Flyway flyway = flyway();
        if (Arrays.stream(flyway.info().all()).anyMatch(each -> each.getState().isFailed())) {
            flyway.repair();
        }
    }

    /** Whether another migration, at the same time, may be the reason; or a node that joins or leaves. */
    private static boolean isMeeting(FlywayException failure) {
        if (failure instanceof FlywayValidateException || TemporaryFailure.is(failure)) {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && MEETING.contains(sql.getErrorCode())) {
                return true;
            }
        }
        String message = String.valueOf(failure.getMessage());
        return MEETING_WORDS.stream().anyMatch(message::contains);
    }

    /** Returns the SQL that {@link #migrate} would execute now, besides what Flyway notes in its history. */
    public List<String> migrationPlan() throws SQLException {
        List<String> sql = new ArrayList<>();
        try (Connection connection = address.connect()) {
            for (MigrationInfo pending : flyway().info().pending()) {
                sql.add(Resources.text("schema/" + pending.getScript()).strip());
            }
            for (OwnTable table : ownTables()) {
                sql.addAll(table.plan(connection));
            }
            UserKeyRemoval.plan(connection).forEach(statement -> sql.add(statement + ";"));
        }
        return sql;
    }

    /** Adds the foreign key again that {@link #migrate} dropped; unfit: it is not there, or does not hold. */
    public List<Finding> undo(boolean keepOrphans, Progress progress) throws SQLException {
        try (Connection connection = address.connect()) {
            return StageWatch.during(connection, address, progress, () -> new Undo(alter).run(connection, keepOrphans));
        }
    }

    /** Returns the SQL that {@link #undo} would execute. */
    public List<String> undoPlan() throws SQLException {
        try (Connection connection = address.connect()) {
            return Undo.plan(connection);
        }
    }

    /**
     * Looks for rows whose user no longer exists.
     *
     * @param delete whether to delete them, in bounded batches
     * @param progress told how far it is
     * @return unfit: such rows are left
     */
    public Finding orphans(boolean delete, Progress progress) throws SQLException {
        try (Connection connection = address.connect()) {
            return new Orphans(ORPHANS_PER_BATCH).walk(connection, delete, progress);
        }
    }

    private List<OwnTable> ownTables() {
        List<OwnTable> tables = new ArrayList<>();
        if (announced) {
            tables.add(OutboxTable.TABLE);
        }
        if (fenced) {
            tables.add(FenceTable.TABLE);
            tables.add(DeadLetterTable.TABLE);
        }
        return tables;
    }

    private Flyway flyway() {
        return Flyway.configure(Schema.class.getClassLoader())
                .dataSource(address.url(), address.user(), address.password())
                .callbacks(new PreparedSession(address.settings().timeout()))
                .locations("classpath:schema")
                .table(HISTORY)
                // The schema is the LMS's, with tables of its own: our history begins before our first migration.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .cleanDisabled(true)
                .load();
    }

    /** The preparation of Flyway's session, for Flyway opens its connection itself. */
    private static final class PreparedSession extends BaseCallback {
        private final Duration timeout;

        PreparedSession(Duration timeout) {
            this.timeout = timeout;
        }

        @Override
        public boolean supports(Event event, Context context) {
            return event == Event.AFTER_CONNECT;
        }

        @Override
        public void handle(Event event, Context context) {
            try {
                JdbcSession.prepare(context.getConnection(), timeout);
            } catch (SQLException e) {
                throw new FlywayException("its session can't be prepared", e);
            }
        }
    }

    /**
     * Migrates if asked to, then makes sure that the table is fit.
     *
     * @return what is wrong with the outbox, without which rows can be written all the same; empty: nothing
     * @throws UnfitSchemaException if the table is not fit, with every reason
     */
    public Optional<String> prepare(boolean migrate) throws SQLException {
        Schema table = new Schema(address, alter, turn, false, fenced);
        if (migrate) {
            Progress progress = Pace.begin("Migrating the schema", LINES, log::info);
            log.info("The schema is up to date: {}", table.migrate(progress).text());
        }
        List<Finding> unfit =
                table.check().stream().filter(finding -> !finding.fit()).toList();
        if (!unfit.isEmpty()) {
            throw new UnfitSchemaException(
                    "the database is not fit: " + text(unfit),
                    unfit.stream().allMatch(finding -> finding.kind() == Finding.Kind.WAITS));
        }
        return prepareOutbox(migrate);
    }

    /**
     * Does the outbox's part of {@link #prepare}. A failure of any kind is something wrong with it, too.
     *
     * @return what is wrong with it; empty: nothing, or there is to be none
     */
    public Optional<String> prepareOutbox(boolean create) {
        if (!announced) {
            return Optional.empty();
        }
        try (Connection connection = address.connect()) {
            String refusal = create ? createOutbox(connection) : "";
            List<Finding> unfit = OutboxTable.TABLE.findings(connection).stream()
                    .filter(finding -> !finding.fit())
                    .toList();
            return unfit.isEmpty() ? Optional.empty() : Optional.of(text(unfit) + refusal);
        } catch (SQLException e) {
            log.debug("The outbox can't be looked at", e);
            return Optional.of(OutboxTable.NAME + " can't be looked at: " + e.getMessage());
        }
    }

    private static String createOutbox(Connection connection) {
        try {
            if (OutboxTable.TABLE.create(connection)) {
                log.info("The table {} is created", OutboxTable.NAME);
            }
            return "";
        } catch (SQLException e) {
            log.debug("The outbox can't be created", e);
            return " (it could not be created: " + e.getMessage() + ")";
        }
    }

    private static String text(List<Finding> findings) {
        return findings.stream().map(Finding::text).collect(Collectors.joining("; "));
    }

    /** Whether a call failed for what passes by itself, or by a change of the server's settings: worth waiting for. */
    public static boolean isTemporary(Throwable failure) {
        return TemporaryFailure.is(failure);
    }

    /** Returns what was found about the table, fit and unfit. */
    public List<Finding> check() throws SQLException {
        try (Connection connection = address.connect()) {
            List<Finding> findings = new ArrayList<>(SchemaCheck.findings(connection));
            findings.add(1, Encryption.of(connection).finding(address.settings()));
            if (announced) {
                findings.addAll(OutboxTable.TABLE.findings(connection));
            }
            if (fenced) {
                findings.addAll(FenceTable.findings(connection));
                findings.addAll(DeadLetterTable.TABLE.findings(connection));
            }
            return findings;
        }
    }
}
