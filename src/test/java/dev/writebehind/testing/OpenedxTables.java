package dev.writebehind.testing;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The parts of an Open edX database that the completion table lives beside. */
public final class OpenedxTables {
    private OpenedxTables() {}

    /** Creates {@code auth_user} with that many users, from id 1. */
    public static void createUsers(TestDatabase database, int users) {
        database.execute("""
                CREATE TABLE auth_user (
                  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  username VARCHAR(150) NOT NULL UNIQUE,
                  password VARCHAR(128) NOT NULL DEFAULT 'pbkdf2_sha256$x',
                  last_login DATETIME(6) NULL,
                  is_staff TINYINT(1) NOT NULL DEFAULT 0
                ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
                """);
        String rows = IntStream.rangeClosed(1, users)
                .mapToObj(id -> "(" + id + ",'user" + id + "')")
                .collect(Collectors.joining(","));
        if (users > 0) {
            database.execute("INSERT INTO auth_user (id, username) VALUES " + rows);
        }
    }

    /** Creates what tells users' enrolments, the tracking switch (on) and opaque tokens, all empty but the switch. */
    public static void createEnrolments(TestDatabase database) {
        database.execute(
                """
                CREATE TABLE student_courseenrollment (
                  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  course_id VARCHAR(255) NOT NULL,
                  created DATETIME(6) NULL,
                  is_active TINYINT(1) NOT NULL,
                  mode VARCHAR(100) NOT NULL DEFAULT 'audit',
                  user_id INT NOT NULL,
                  UNIQUE KEY (user_id, course_id)
                ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
                """,
                """
                CREATE TABLE waffle_switch (
                  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  name VARCHAR(100) NOT NULL UNIQUE,
                  active TINYINT(1) NOT NULL
                ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
                """,
                """
                CREATE TABLE oauth2_provider_accesstoken (
                  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  token VARCHAR(255) NOT NULL UNIQUE,
                  expires DATETIME(6) NOT NULL,
                  scope LONGTEXT NULL,
                  user_id INT NULL
                ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
                """,
                """
                CREATE TABLE oauth2_provider_application (
                  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  client_id VARCHAR(100) NOT NULL UNIQUE,
                  user_id INT NULL,
                  KEY (user_id)
                ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
                """,
                "INSERT INTO waffle_switch (name, active) VALUES ('completion.enable_completion_tracking', 1)");
    }

    /** Gives the table of opaque tokens its shape of django-oauth-toolkit 3. */
    public static void addTokenChecksums(TestDatabase database) {
        database.execute(
                "ALTER TABLE oauth2_provider_accesstoken DROP KEY token, MODIFY token LONGTEXT NOT NULL,"
                        + " ADD token_checksum VARCHAR(64) NULL",
                "UPDATE oauth2_provider_accesstoken SET token_checksum = SHA2(token, 256)",
                "ALTER TABLE oauth2_provider_accesstoken MODIFY token_checksum VARCHAR(64) NOT NULL UNIQUE");
    }

    /** Enrols a user. */
    public static void enrol(TestDatabase database, int userId, String courseKey) {
        database.execute("INSERT INTO student_courseenrollment (course_id, is_active, user_id) VALUES ('" + courseKey
                + "', 1, " + userId + ")");
    }

    /** Adds a user. */
    public static void addUser(TestDatabase database, int id, String username, boolean isStaff) {
        database.execute("INSERT INTO auth_user (id, username, is_staff) VALUES (" + id + ", '" + username + "', "
                + isStaff + ")");
    }

    /** How Django's migrations named the indexes and declared the texts over the years. */
    public enum Vintage {
        OLD(
                "utf8mb3",
                "utf8mb3_general_ci",
                "completion_blockcompletio_course_key_block_type_use_0f0d4d2d_idx",
                "completion_blockcompletio_user_id_course_key_modifi_ed54291e_idx"),
        NEW("utf8mb4", "utf8mb4_unicode_ci", "completion__course__c6e6ad_idx", "completion__user_id_861fe5_idx");

        private final String charset;
        private final String collation;
        private final String courseIndex;
        private final String userIndex;

        Vintage(String charset, String collation, String courseIndex, String userIndex) {
            this.charset = charset;
            this.collation = collation;
            this.courseIndex = courseIndex;
            this.userIndex = userIndex;
        }
    }

    /** Creates the completion table with the statements of Django's migrations, foreign key included. */
    public static void createCompletions(TestDatabase database, Vintage vintage) {
        String alter = "ALTER TABLE completion_blockcompletion ADD ";
        database.execute(
                "CREATE TABLE completion_blockcompletion (created datetime(6) NOT NULL, modified datetime(6) NOT NULL,"
                        + " id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, course_key varchar(255) NOT NULL,"
                        + " block_key varchar(255) NOT NULL, block_type varchar(64) NOT NULL,"
                        + " completion double precision NOT NULL, user_id integer NOT NULL)"
                        + " DEFAULT CHARACTER SET " + vintage.charset + " COLLATE " + vintage.collation,
                alter + "CONSTRAINT completion_blockcompleti_course_key_block_key_use_b15bac54_uniq"
                        + " UNIQUE (course_key, block_key, user_id)",
                alter + "INDEX " + vintage.courseIndex + " (course_key, block_type, user_id)",
                alter + "INDEX " + vintage.userIndex + " (user_id, course_key, modified)");
        addForeignKey(database);
    }

    /** Returns the completion table as the server declares it, but for the next id. */
    public static String declaration(TestDatabase database) {
        return database.query("SHOW CREATE TABLE completion_blockcompletion")
                .get(0)
                .get(1)
                .replaceAll(" AUTO_INCREMENT=\\d+", "");
    }

    /** Gives the completion table the foreign key that Open edX gives it. */
    public static void addForeignKey(TestDatabase database) {
        database.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT"
                + " completion_blockcompletion_user_id_20994c23_fk_auth_user_id"
                + " FOREIGN KEY (user_id) REFERENCES auth_user (id)");
    }
}
