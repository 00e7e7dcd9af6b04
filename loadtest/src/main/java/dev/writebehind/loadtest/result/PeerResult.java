package dev.writebehind.loadtest.result;

/**
 * One engine at the common work, once; immutable.
 *
 * @param exactAfter seconds from the first write until everything was in the table
 * @param rowsSent rows sent to the database
 * @param statements for these
 * @param cpu seconds of its process
 * @param databaseCpu seconds of the database's
 * @param keys distinct ones
 * @param lost keys that the table does not have
 * @param wrong rows that hold another value than the last
 */
public record PeerResult(
        String engine,
        int round,
        double acceptedPerSecond,
        double exactAfter,
        long rowsSent,
        long statements,
        double cpu,
        double databaseCpu,
        long keys,
        long lost,
        long wrong) {}
