package dev.writebehind.testing;

/** The parts of an Open edX database that the completion table lives beside. */
public final class OpenedxTables {
    private OpenedxTables() {}

    /** Creates {@code auth_user} with that many users, from id 1. */
    public static void createUsers(TestDatabase database, int users) {
        database.execute("""
                CREATE TABLE auth_user (
                  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  username VARCHAR(150) NOT NULL UNIQUE,
                  last_login DATETIME(6) NULL,
                  is_staff TINYINT(1) NOT NULL DEFAULT 0
                ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
                """);
        StringBuilder rows = new StringBuilder();
        for (int id = 1; id <= users; id++) {
            rows.append(id == 1 ? "" : ",")
                    .append("(")
                    .append(id)
                    .append(",'user")
                    .append(id)
                    .append("')");
        }
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
                "INSERT INTO waffle_switch (name, active) VALUES ('completion.enable_completion_tracking', 1)");
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

    /** Gives the completion table the foreign key that Open edX gives it. */
    public static void addForeignKey(TestDatabase database) {
        database.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT"
                + " completion_blockcompletion_user_id_20994c23_fk_auth_user_id"
                + " FOREIGN KEY (user_id) REFERENCES auth_user (id)");
    }
}
