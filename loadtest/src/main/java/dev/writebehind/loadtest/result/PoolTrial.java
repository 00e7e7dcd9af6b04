package dev.writebehind.loadtest.result;

/**
 * The throughput that direct writes with the key achieve with a pool of that size; immutable.
 *
 * @param connections in the pool
 * @param acceptedPerSecond writes accepted in a second when saturated and nobody holds a row
 * @param busyPerSecond the same while somebody holds users' rows, as in the scenario UserTableBusy
 */
public record PoolTrial(int connections, double acceptedPerSecond, double busyPerSecond) {}
