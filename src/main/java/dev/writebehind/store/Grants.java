package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The privileges that SHOW GRANTS says a user has on a table; immutable. Grants on single columns do not count. */
record Grants(List<String> lines) {
    private static final Pattern GRANT = Pattern.compile("GRANT (.+?) ON (?:TABLE )?(\\S+)\\.(\\S+) TO .*");

    Grants {
        lines = List.copyOf(requireNonNull(lines, "lines"));
    }

    boolean allow(String privilege, String schema, String table) {
        for (String line : lines) {
            Matcher grant = GRANT.matcher(line);
            if (grant.matches()
                    && covers(grant.group(1), privilege)
                    && names(grant.group(2), schema, true)
                    && names(grant.group(3), table, false)) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(String privileges, String wanted) {
        for (String each : privileges.split(", ", -1)) {
            String name = each.strip().toUpperCase(Locale.ROOT);
            if (name.equals(wanted) || name.startsWith("ALL PRIVILEGES") || name.equals("ALL")) {
                return true;
            }
        }
        return false;
    }

    /** In the name of a schema, but not of a table, {@code _} and {@code %} are wild unless a backslash precedes. */
    private static boolean names(String granted, String actual, boolean wild) {
        if (granted.equals("*")) {
            return true;
        }
        String name =
                granted.replaceAll("^[`\"']|[`\"']$", "").replace("``", "`").replace("\\\\", "\\");
        if (!wild) {
            return name.equalsIgnoreCase(actual);
        }
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\\' && i + 1 < name.length()) {
                i++;
                pattern.append(Pattern.quote(name.substring(i, i + 1)));
            } else {
                pattern.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(pattern.toString(), Pattern.CASE_INSENSITIVE)
                .matcher(actual)
                .matches();
    }
}
