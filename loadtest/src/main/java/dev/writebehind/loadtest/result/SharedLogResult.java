package dev.writebehind.loadtest.result;

/**
 * One side at the common work, by way of a topic, once; immutable.
 *
 * @param p99 of the answers, in milliseconds
 * @param exactAfter seconds from the first write until everything was in the table
 * @param statements that the database was sent, those that begin and end transactions too
 * @param writes rows that the server inserted or was to insert, by its own counter
 * @param updates rows that it changed
 * @param cpu seconds of what takes the writes and what brings them into the table, without brokers
 * @param brokersCpu seconds of all brokers
 * @param databaseCpu seconds of the database
 * @param keys distinct ones
 * @param different rows that are missing, too many, or wrong
 */
public record SharedLogResult(
        String side,
        int round,
        double acceptedPerSecond,
        double p99,
        double exactAfter,
        long statements,
        long writes,
        long updates,
        double cpu,
        double brokersCpu,
        double databaseCpu,
        long keys,
        long different) {}
