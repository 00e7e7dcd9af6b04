package dev.writebehind.loadtest.result;

/**
 * The ceilings of this machine: what it can do at most, measured beside the runs; immutable.
 *
 * @param bareHttp writes a second that the bare HTTP server took at its knee
 * @param service writes a second that the service took at its knee, by its default acknowledgement
 * @param bareUpsert rows a second that the flusher's statements alone bring into the table
 * @param lanes connections that these used
 * @param batch rows in each batch
 * @param flushed rows a second that the service brought into the table when it was saturated
 */
public record Ceilings(double bareHttp, double service, double bareUpsert, int lanes, int batch, double flushed) {}
