package io.pgseam.phase;

/**
 * How far a topic of signals is read.
 *
 * @param topic its name; it has one partition
 * @param next offset of the first record that is not read
 */
public record SignalPlace(String topic, long next) {}
