package io.pgseam.pg.catalog;

/**
 * What decides whether WAL can be decoded on a standby, and for how long.
 *
 * @param feedback its {@code hot_standby_feedback}
 * @param primarySlot its {@code primary_slot_name}; empty for none
 * @param primaryIsLogical whether the primary writes WAL with {@code wal_level=logical}
 */
public record StandbyState(boolean feedback, String primarySlot, boolean primaryIsLogical) {}
