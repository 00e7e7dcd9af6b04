package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.OpenedxSettings;
import dev.writebehind.config.OpenedxTableSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.DatabaseException;
import java.util.ArrayList;
import java.util.List;

/**
 * The check that the LMS's tables can be read, by the questions that serving asks, through its own client; stateless. A
 * start does not wait for it: without these tables what was accepted is flushed all the same.
 */
public final class LmsCheck {
    private LmsCheck() {}

    /** Returns a line for each kind of question; never fails. Leaves no connection behind. */
    public static Future<List<Finding>> findings(Vertx vertx, DatabaseSettings database, OpenedxSettings settings) {
        OpenedxTableSettings tables = settings.tables();
        String users = tables.user().table();
        LmsReader reader = LmsReader.create(vertx, database, tables);
        List<Future<Finding>> findings = new ArrayList<>();
        findings.add(finding("users", users, reader.users(List.of(""))));
        findings.add(
                finding("enrolments", tables.enrolment().table(), reader.enrolments(List.of(new LmsEnrolment(0, "")))));
        findings.add(finding("switches", tables.waffle().table(), reader.switches(List.of(settings.trackingSwitch()))));
        if (settings.opaqueTokens()) {
            String read = String.join(
                    ", ",
                    tables.accessToken().table(),
                    users,
                    tables.application().table());
            findings.add(finding("tokens", read, reader.tokens(List.of(""))));
        }
        return Future.all(findings).map(all -> all.<Finding>list()).eventually(reader::close);
    }

    private static Future<Finding> finding(String what, String tables, Future<?> answers) {
        return answers.map(answered -> Finding.ok("the LMS's " + what + " can be read (" + tables + ")"))
                .otherwise(failure -> Finding.unfit("the LMS's " + what + " can't be read, so that requests that need"
                        + " them are answered with 503: " + text(failure) + ". GRANT SELECT on " + tables
                        + ", or set their names right in openedx.tables"));
    }

    private static String text(Throwable failure) {
        return failure instanceof DatabaseException refused ? String.valueOf(refused.getMessage()) : failure.toString();
    }
}
