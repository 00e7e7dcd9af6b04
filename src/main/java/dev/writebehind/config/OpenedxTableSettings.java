package dev.writebehind.config;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The names of those of the LMS's tables and columns that are read, and never written or locked. */
public record OpenedxTableSettings(
        User user, Enrolment enrolment, Waffle waffle, AccessToken accessToken, Application application) {
    private static final Pattern COLUMN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
    private static final Pattern TABLE = Pattern.compile("(" + COLUMN + "\\.)?" + COLUMN);

    public OpenedxTableSettings {
        Require.present("openedx.tables.user", user);
        Require.present("openedx.tables.enrolment", enrolment);
        Require.present("openedx.tables.waffle", waffle);
        Require.present("openedx.tables.access-token", accessToken);
        Require.present("openedx.tables.application", application);
    }

    /** Django's users. */
    public record User(String table, String id, String username, String isStaff, String password) {
        public User {
            requireNames("user", table, "id", id, "username", username, "is-staff", isStaff, "password", password);
        }
    }

    /** The enrolments: who takes which course. */
    public record Enrolment(String table, String userId, String courseId, String isActive) {
        public Enrolment {
            requireNames("enrolment", table, "user-id", userId, "course-id", courseId, "is-active", isActive);
        }
    }

    /** Waffle's switches. */
    public record Waffle(String table, String name, String active) {
        public Waffle {
            requireNames("waffle", table, "name", name, "active", active);
        }
    }

    /** The opaque tokens that the LMS gives out. */
    public record AccessToken(String table, String token, String expires, String userId) {
        public AccessToken {
            requireNames("access-token", table, "token", token, "expires", expires, "user-id", userId);
        }
    }

    /** The applications that tokens are given to, each of a user. */
    public record Application(String table, String userId) {
        public Application {
            requireNames("application", table, "user-id", userId);
        }
    }

    private static void requireNames(String section, @Nullable String table, @Nullable String... columns) {
        String path = "openedx.tables." + section + ".";
        requireName(path + "table", table, TABLE);
        for (int i = 0; i < columns.length; i += 2) {
            requireName(path + columns[i], columns[i + 1], COLUMN);
        }
    }

    private static void requireName(String path, @Nullable String name, Pattern form) {
        if (name == null || !form.matcher(name).matches()) {
            throw new InvalidSettingException(
                    path, "must be a name of letters, digits and underscores, was " + (name == null ? "empty" : name));
        }
    }
}
