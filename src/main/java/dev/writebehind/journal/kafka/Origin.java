package dev.writebehind.journal.kafka;

import java.util.UUID;

/**
 * The place where a message comes from; immutable.
 *
 * @param instance one life of an instance, from start to stop
 * @param request that instance's own number of the request
 */
record Origin(UUID instance, long request) {}
