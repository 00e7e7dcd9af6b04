/** The log that several instances share, on one partition of a Kafka topic. */
@NullMarked
package dev.writebehind.journal.kafka;

import org.jspecify.annotations.NullMarked;
