package io.pgseam.control;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.OffsetRanges;
import java.util.Collection;
import java.util.Map;

/**
 * What was copied before a seam.
 *
 * @param rows how many rows were read
 * @param topics the topics of all captured tables, also of those without a row
 * @param places where the copied rows are, and how many of them are in no topic
 * @param again by topic, of the tables that were copied again because a signal asked for it: whatever a target has of them with a lower
 *     {@code __lsn} is not in the source any more
 */
public record CopiedRows(long rows, Collection<String> topics, OffsetRanges.Snapshot places, Map<String, Lsn> again) {}
