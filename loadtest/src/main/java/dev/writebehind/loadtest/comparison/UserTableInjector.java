package dev.writebehind.loadtest.comparison;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The load that keeps rows of the user table busy, as logins and profile saves in long transactions do: several
 * transactions, each updates a slice of the users, holds them for a while, commits, and goes on with the next slice.
 * Their first holds are shorter, so that their ends are spread. Started and stopped once; its figures may be read by
 * any thread.
 */
final class UserTableInjector implements AutoCloseable {
    private final RunSchema schema;
    private final int users;
    private final double share;
    private final Duration hold;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong heldRows = new AtomicLong();
    private volatile boolean stopped;
    private volatile @Nullable SQLException failure;

    UserTableInjector(RunSchema schema, int users, double share, Duration hold) {
        this.schema = schema;
        this.users = users;
        this.share = share;
        this.hold = hold;
    }

    /** Starts that many transactions; each begins with another part of the users. */
    void start(int transactions) {
        int slice = Math.max(1, (int) Math.round(share * users / transactions));
        for (int own = 0; own < transactions; own++) {
            int first = (int) ((long) users * own / transactions);
            Duration delay = hold.multipliedBy(own).dividedBy(transactions);
            Thread thread =
                    new Thread(() -> run(first, users / transactions, slice, delay), "user table injector " + own);
            threads.add(thread);
            thread.start();
        }
    }

    /** Returns how many rows are held now. */
    long heldRows() {
        return heldRows.get();
    }

    /** Returns what stopped it early, or null. */
    @Nullable
    SQLException failure() {
        return failure;
    }

    @Override
    public void close() {
        stopped = true;
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Goes round within a part of the users that no other transaction touches. */
    private void run(int first, int part, int slice, Duration delay) {
        try (Connection connection = schema.connectBeside();
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            connection.setAutoCommit(false);
            // The first hold is shorter for those who begin later, so that their ends are spread.
            long nanos = hold.minus(delay).toNanos();
            for (int at = 0; !stopped; at = at + 2 * slice > part ? 0 : at + slice) {
                int rows = statement.executeUpdate(
                        "UPDATE " + schema.name() + ".auth_user SET last_login = NOW(6) WHERE id BETWEEN "
                                + (first + at + 1) + " AND " + (first + at + slice));
                hold(rows, nanos);
                connection.commit();
                nanos = hold.toNanos();
            }
        } catch (SQLException e) {
            if (!stopped) {
                failure = e;
            }
        }
    }

    private void hold(int rows, long nanos) {
        heldRows.addAndGet(rows);
        try {
            Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } catch (InterruptedException e) {
            stopped = true; // nobody but close() interrupts
        }
        heldRows.addAndGet(-rows);
    }
}
