package dev.writebehind.loadtest.result;

/**
 * Processors in use in the measured phase, in cores, each an average; immutable.
 *
 * @param target the service, or the server it is compared with
 * @param client Gatling
 * @param database the server; 0 when it is on another machine
 * @param machine everything on the machine, the kernel's work for the network included
 */
public record CpuUse(double target, double client, double database, double machine) {}
