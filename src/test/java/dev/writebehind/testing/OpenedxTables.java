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
        database.execute("INSERT INTO auth_user (id, username) VALUES " + rows);
    }

    /** Gives the completion table the foreign key that Open edX gives it. */
    public static void addForeignKey(TestDatabase database) {
        database.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT"
                + " completion_blockcompletion_user_id_20994c23_fk_auth_user_id"
                + " FOREIGN KEY (user_id) REFERENCES auth_user (id)");
    }
}
