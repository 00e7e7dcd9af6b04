package dev.writebehind.store;

import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.Set;
import java.util.function.Function;

/**
 * The adding of entries to the outbox, within the transactions of one connection that change the rows. Confined to the
 * connection's context.
 */
final class OutboxWriter {
    /** As the first new row's id: all rows of the batch are new. */
    static final long ALL_NEW = 0;

    /** Likewise: none of them is. */
    static final long NONE_NEW = Long.MAX_VALUE;

    /** Shutdown under way (1053), interrupted (1317), killed (1927): the server's or connection's, not the table's. */
    private static final Set<Integer> ENDINGS = Set.of(1053, 1317, 1927);

    private final LazyStatements lazy;
    private final UpsertStatements statements;
    private final Announcer announcer;

    OutboxWriter(LazyStatements lazy, UpsertStatements statements, Announcer announcer) {
        this.lazy = lazy;
        this.statements = statements;
        this.announcer = announcer;
    }

    /** The failure of a transaction whose rows have other ids than were expected; to be written another way. */
    static final class OtherIdsException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A batch's transaction, which can be run anew. */
    interface Work<T> {
        /** Runs it, and adds entries or does not. */
        Future<T> run(boolean announced);
    }

    /**
     * Runs a batch's work, with entries if they are wanted; where these are what failed, and it may go without them,
     * once more without. The announcer is told.
     *
     * @param news of what there is something to tell
     */
    <T> Future<T> run(News news, Work<T> work, Function<T, Committed> committed) {
        if (news == News.NONE) {
            return work.run(false);
        }
        return announcer.isWanted()
                ? work.run(true)
                        .onSuccess(done -> tell(committed.apply(done), news))
                        .recover(failure -> failure instanceof OutboxUnwritableException && announcer.failed(failure)
                                ? without(work, committed)
                                : Future.failedFuture(failure))
                : without(work, committed);
    }

    /** Where all are to be told, there are fewer entries than rows only if a trigger has changed the rows' times. */
    private void tell(Committed done, News news) {
        announcer.added(done.entries());
        if (news == News.ALL && done.entries() < done.rows()) {
            announcer.leftOut(done.rows() - done.entries());
        }
    }

    private <T> Future<T> without(Work<T> work, Function<T, Committed> committed) {
        return work.run(false)
                .onSuccess(done -> announcer.leftOut(committed.apply(done).rows()));
    }

    /**
     * Adds an entry for each row that the transaction has changed, and returns what it has done then. Prepared when it
     * is first needed: rows can be written while it can't be.
     *
     * @param firstNewId the id of the first row that the transaction has added
     */
    Future<Committed> add(String writes, Committed changed, long firstNewId) {
        if (changed.rows() == 0) {
            return Future.succeededFuture(changed);
        }
        return add(statements.announce(), Tuple.of(firstNewId, writes), changed);
    }

    /**
     * As the other, for rows that were all added by one statement and have ids in a row: these cost far less to find.
     *
     * @param firstId the id of the first of them
     */
    Future<Committed> addNew(Committed added, long firstId) {
        return addExactly(statements.announceNew(), Tuple.of(firstId, firstId + added.rows() - 1), added);
    }

    /**
     * As the other, for rows that were all there and whose ids the statement that changed them has noted. Each row that
     * was changed has been noted at least once, so that as many as were changed are those.
     */
    Future<Committed> addNoted(Committed changed) {
        return changed.rows() == 0
                ? Future.succeededFuture(changed)
                : addExactly(statements.announceNoted(), Tuple.tuple(), changed);
    }

    private Future<Committed> addExactly(String statement, Tuple parameters, Committed changed) {
        return add(statement, parameters, changed)
                .compose(done -> done.entries() == done.rows()
                        ? Future.succeededFuture(done)
                        : Future.failedFuture(new OtherIdsException()));
    }

    private Future<Committed> add(String statement, Tuple parameters, Committed changed) {
        return lazy.execute(statement, parameters)
                .map(SqlResult::rowCount)
                .map(entries -> new Committed(changed.rows(), changed.ahead(), changed.statements() + 1, entries))
                .recover(failure ->
                        Future.failedFuture(isOfTheTable(failure) ? new OutboxUnwritableException(failure) : failure));
    }

    private static boolean isOfTheTable(Throwable failure) {
        return failure instanceof DatabaseException refused
                && !ENDINGS.contains(refused.getErrorCode())
                && switch (DatabaseFailure.of(failure)) {
                    case CONFLICT -> DatabaseFailure.isDuplicate(failure) || DatabaseFailure.isIdCounter(failure);
                    case READ_ONLY -> false;
                    default -> true;
                };
    }
}
