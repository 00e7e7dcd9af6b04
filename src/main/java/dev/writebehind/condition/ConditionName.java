package dev.writebehind.condition;

import org.slf4j.event.Level;

/**
 * The names of conditions: everything that may be wrong for a time. Labels never change: alerts are written by them.
 * What is said of them in {@code docs/operations.md} is said here.
 */
public enum ConditionName {
    DATABASE_UNAVAILABLE(
            Subject.FLUSHING,
            "database-unavailable",
            Level.WARN,
            "Look at the database and at the network before it; it is tried again until it works."),
    DATABASE_READ_ONLY(
            Subject.FLUSHING,
            "database-read-only",
            Level.WARN,
            "Have the host's name in database.uri lead to the primary, or let this one take writes; it is tried again"
                    + " until it works."),
    DATABASE_SETUP(
            Subject.FLUSHING,
            "database-setup",
            Level.ERROR,
            "Mend what the command check names; it is tried again each flush.max-backoff."),
    NO_IDS(
            Subject.FLUSHING,
            "no-ids",
            Level.ERROR,
            "Widen the table's column id to BIGINT, or set its AUTO_INCREMENT right."),
    BATCHES_REFUSED(
            Subject.FLUSHING,
            "batches-refused",
            Level.WARN,
            "Look for what stands in the way, as max_allowed_packet or somebody's transactions; it is tried again until"
                    + " it works."),
    DEAD_LETTERS_UNWRITABLE(
            Subject.FLUSHING,
            "dead-letters-unwritable",
            Level.WARN,
            "Let the service write to journal.dir/dead-letters, and look at its disk; it is tried again until it"
                    + " works."),
    BUG(
            Subject.FLUSHING,
            "bug",
            Level.ERROR,
            "Report it with the stack trace from the log; it is tried again until it works."),
    FLUSHING_PAUSED(
            Subject.PAUSE, "flushing-paused", Level.INFO, "POST /admin/resume lets it go on, and so does a restart."),
    ROWS_LOCKED(
            Subject.LOCKS,
            "rows-locked",
            Level.WARN,
            "Look for transactions that stay open for long; the rows are tried again each second."),
    TABLE_NOT_PREPARED(
            Subject.TABLE,
            "table-not-prepared",
            Level.WARN,
            "Look at the database and at the network before it; it is tried again until it works."),
    TABLE_UNFIT(
            Subject.TABLE,
            "table-unfit",
            Level.ERROR,
            "Mend what the cause and the command check name; it is looked at again by itself."),
    ANNOUNCEMENTS_FAILING(
            Subject.ANNOUNCEMENTS,
            "announcements-failing",
            Level.ERROR,
            "Mend the table completion_writebehind_outbox as the cause and the command check say; it is tried again by"
                    + " itself."),
    ANNOUNCEMENTS_FULL(
            Subject.ANNOUNCEMENTS,
            "announcements-full",
            Level.ERROR,
            "Start workers (manage.py writebehind_announce), more than there are, or raise"
                    + " openedx.announce-max-backlog; it goes on by itself."),
    ANNOUNCEMENTS_LATE(
            Subject.ANNOUNCEMENTS,
            "announcements-late",
            Level.WARN,
            "Start a worker (manage.py writebehind_announce), or more; see their log."),
    JOURNAL_FULL(
            Subject.JOURNAL,
            "journal-full",
            Level.ERROR,
            "Make room on the disk of journal.dir, or have it take writes; it goes on by itself."),
    JOURNAL_AWAY(
            Subject.JOURNAL,
            "journal-away",
            Level.ERROR,
            "Attach the volume of journal.dir again; it goes on by itself."),
    JOURNAL_FAILED(
            Subject.JOURNAL,
            "journal-failed",
            Level.ERROR,
            "Look at the disk of journal.dir, then restart the service."),
    LOG_AWAY(
            Subject.JOURNAL,
            "log-away",
            Level.ERROR,
            "Look at Kafka's brokers and at the network before them; it goes on by itself."),
    LOG_UNREADABLE(
            Subject.JOURNAL,
            "log-unreadable",
            Level.ERROR,
            "Do what the cause asks for (where a newer version writes, bring this instance to it), then restart it."),
    LOG_REPLICAS_MISSING(
            Subject.REPLICAS,
            "log-replicas-missing",
            Level.WARN,
            "Start the brokers that are missing (kafka-topics.sh --describe shows which); it ends by itself."),
    FLUSHER_SILENT(
            Subject.SILENCE,
            "flusher-silent",
            Level.ERROR,
            "Look at the other instances: at what is wrong with the one that flushes, or why none does; it goes on by"
                    + " itself."),
    FENCED(
            Subject.TURN,
            "fenced",
            Level.WARN,
            "Nothing, if it passes: another instance flushes then. Look at this one's network and pauses if it comes"
                    + " back."),
    STEPPED_DOWN(
            Subject.TURN,
            "stepped-down",
            Level.WARN,
            "Look at what else is wrong here: the database or the brokers may be away for this instance alone."),
    TOKENS_FILE_UNREADABLE(
            Subject.TOKENS_FILE,
            "tokens-file-unreadable",
            Level.WARN,
            "Mend the file that auth.tokens-file names; it is read again by itself."),
    MANAGEMENT_TOKENS_UNREADABLE(
            Subject.MANAGEMENT_TOKENS,
            "management-tokens-unreadable",
            Level.WARN,
            "Mend the file that management.tokens-file names; it is read again by itself."),
    CERTIFICATE_UNREADABLE(
            Subject.CERTIFICATE,
            "certificate-unreadable",
            Level.WARN,
            "Mend the files of http.tls or management.tls as the cause says; they are read again by themselves."),
    SIGNING_KEYS_UNREADABLE(
            Subject.SIGNING_KEYS,
            "signing-keys-unreadable",
            Level.WARN,
            "Look at what auth.jwt.jwks names, a file or the LMS; it is read again by itself."),
    SETTINGS_REFUSED(
            Subject.SETTINGS,
            "settings-refused",
            Level.WARN,
            "Mend the settings' file as the cause says; it is read again by itself, and those in force stay until"
                    + " then."),
    LMS_USERS_UNREADABLE(Subject.LMS_USERS, "lms-users-unreadable", Level.WARN, Texts.LMS),
    LMS_ENROLMENTS_UNREADABLE(Subject.LMS_ENROLMENTS, "lms-enrolments-unreadable", Level.WARN, Texts.LMS),
    LMS_SWITCHES_UNREADABLE(Subject.LMS_SWITCHES, "lms-switches-unreadable", Level.WARN, Texts.LMS),
    LMS_TOKENS_UNREADABLE(Subject.LMS_TOKENS, "lms-tokens-unreadable", Level.WARN, Texts.LMS);

    private final Subject subject;
    private final String label;
    private final Level level;
    private final String action;

    ConditionName(Subject subject, String label, Level level, String action) {
        this.subject = subject;
        this.label = label;
        this.level = level;
        this.action = action;
    }

    /** The subjects of conditions: at any time one of a subject holds, or none. */
    public enum Subject {
        FLUSHING(false),
        PAUSE(false),
        LOCKS(false),
        TABLE(true),
        ANNOUNCEMENTS(false),
        JOURNAL(false),
        REPLICAS(true),
        SILENCE(false),
        TURN(false),
        TOKENS_FILE(true),
        MANAGEMENT_TOKENS(true),
        CERTIFICATE(true),
        SIGNING_KEYS(true),
        SETTINGS(true),
        LMS_USERS(false),
        LMS_ENROLMENTS(false),
        LMS_SWITCHES(false),
        LMS_TOKENS(false);

        private final boolean causesAreNews;

        Subject(boolean causesAreNews) {
            this.causesAreNews = causesAreNews;
        }
    }

    private static final class Texts {
        private static final String LMS = "Look at the database and at the user's privileges on the LMS's tables, which"
                + " the command check names; they are asked again with the next call.";
    }

    /** Returns its name in the health answer, in the meters and in alerts: lower case, with hyphens. */
    public String label() {
        return label;
    }

    /** Returns what to do about it: sentences for an operator. */
    public String action() {
        return action;
    }

    /** Returns what it is about. */
    public Subject subject() {
        return subject;
    }

    Level level() {
        return level;
    }

    /** Whether another cause of the same condition is worth a line in the log. */
    boolean areCausesNews() {
        return subject.causesAreNews || this == BUG;
    }
}
