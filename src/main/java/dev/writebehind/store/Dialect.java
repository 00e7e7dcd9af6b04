package dev.writebehind.store;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two servers spoken to, told apart by the version that the server itself reports when asked: its greeting may be a
 * proxy's.
 */
enum Dialect {
    MYSQL("MySQL", 8, 0, 19),
    MARIADB("MariaDB", 10, 6, 0);

    /** Speak the protocol, and some call themselves MySQL, but lock and compare in ways of their own. */
    private static final Pattern OTHERS = Pattern.compile(
            "TiDB|OceanBase|Vitess|SingleStore|MemSQL|StarRocks|Doris|PolarDB-X|Dolt", Pattern.CASE_INSENSITIVE);

    private static final Pattern NUMBERS = Pattern.compile("(?:5\\.5\\.5-)?(\\d+)\\.(\\d+)\\.(\\d+).*");

    private final String product;
    private final int major;
    private final int minor;
    private final int patch;

    Dialect(String product, int major, int minor, int patch) {
        this.product = product;
        this.major = major;
        this.minor = minor;
        this.patch = patch;
    }

    /** Returns the dialect of a server by its {@code VERSION()}, or throws {@link UnfitSchemaException}. */
    static Dialect of(String version) {
        Dialect dialect = version.contains("MariaDB") ? MARIADB : MYSQL;
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches() || dialect.isOlder(numbers)) {
            throw new UnfitSchemaException("the server is " + version + ", but " + dialect.product
                    + " must be at least " + dialect.major + "." + dialect.minor + "." + dialect.patch);
        }
        return dialect;
    }

    /** Returns the clause that locks the rows of that table alone: MariaDB does not take its name. */
    String forUpdateOf(String alias) {
        return this == MYSQL ? " FOR UPDATE OF " + alias : " FOR UPDATE";
    }

    /** Whether statements may note ids in a variable as they go along: MySQL warns that it will not always let them. */
    boolean notesIds() {
        return this == MARIADB;
    }

    /**
     * Returns the dialect by {@code VERSION()} and {@code @@version_comment}, which names some that the first hides.
     */
    static Dialect of(String version, String comment) {
        Matcher other = OTHERS.matcher(version + " " + comment);
        if (other.find()) {
            throw new UnfitSchemaException("the server is " + other.group() + " (" + version
                    + "): only MySQL and MariaDB" + " are known to leave rows as direct writes would");
        }
        boolean hidden = comment.toLowerCase(Locale.ROOT).contains("mariadb") && !version.contains("MariaDB");
        return of(hidden ? version + "-MariaDB" : version);
    }

    private boolean isOlder(Matcher numbers) {
        int[] needed = {major, minor, patch};
        for (int i = 0; i < needed.length; i++) {
            int actual = Integer.parseInt(numbers.group(i + 1));
            if (actual != needed[i]) {
                return actual < needed[i];
            }
        }
        return false;
    }
}
