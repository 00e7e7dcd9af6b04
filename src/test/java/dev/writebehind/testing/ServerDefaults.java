package dev.writebehind.testing;

import java.util.ArrayList;
import java.util.List;

/** Settings of the whole server, until closed: what its operator may have decided for every session. For one thread. */
public final class ServerDefaults implements AutoCloseable {
    private final TestDatabase database;
    private final List<String> restoring = new ArrayList<>();

    private ServerDefaults(TestDatabase database) {
        this.database = database;
    }

    /** Sets them, each written {@code autocommit=0}; those that the server does not have are left out. */
    public static ServerDefaults set(TestDatabase database, String... settings) {
        ServerDefaults defaults = new ServerDefaults(database);
        for (String setting : settings) {
            String name = setting.substring(0, setting.indexOf('='));
            List<List<String>> before = database.query("SHOW GLOBAL VARIABLES LIKE '" + name + "'");
            if (!before.isEmpty()) {
                String value = before.get(0).get(1);
                defaults.restoring.add(
                        "SET GLOBAL " + name + " = " + (value.matches("\\d+") ? value : "'" + value + "'"));
                database.execute("SET GLOBAL " + setting);
            }
        }
        return defaults;
    }

    @Override
    public void close() {
        database.execute(restoring.toArray(String[]::new));
    }
}
