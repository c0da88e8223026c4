package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Set;

/**
 * Where the connector stands. Each state carries what is valid in it, and nothing else. As text it is what the log says: the name that
 * {@code docs/internals.md} explains, and why.
 */
public sealed interface Phase {

    /**
     * Nothing is committed yet: the slot has to be created, and with it anchor 1.
     *
     * @param replaceSlot true where the connector's slot of an earlier run has to be dropped first: the server has invalidated
     *     it, and no session can read it any more
     */
    record Opening(boolean replaceSlot) implements Phase {

        @Override
        public String toString() {
            return replaceSlot ? "Opening, in place of a slot that the server has invalidated" : "Opening";
        }
    }

    /**
     * Nothing is committed yet, and a session has the connector's slot: an earlier run's, which may still be creating it. Nobody
     * knows yet whether there will be a slot.
     *
     * @param reason what is waited for
     */
    record AwaitingSlot(String reason) implements Phase {

        @Override
        public String toString() {
            return "AwaitingSlot: " + reason;
        }
    }

    /**
     * Copy tasks read the chunks that are not done at this anchor.
     *
     * @param anchor whose snapshot is held
     */
    record Copying(Anchor anchor) implements Phase {

        @Override
        public String toString() {
            return "Copying at " + anchor;
        }
    }

    /**
     * The leader before had a copy under way at this anchor; its snapshot and its plan have to be taken over.
     *
     * @param anchor whose snapshot is not held for this leader yet
     */
    record TakingOver(Anchor anchor) implements Phase {

        @Override
        public String toString() {
            return "TakingOver of " + anchor;
        }
    }

    /**
     * The stream has to stop before a newer anchor is opened, or it would be past that one.
     *
     * @param reason why a newer anchor is needed
     */
    record Halting(String reason) implements Phase {

        @Override
        public String toString() {
            return "Halting: " + reason;
        }
    }

    /**
     * A newer anchor has to be opened: the snapshot is lost, the plan no longer fits the source, or the anchor is too old.
     *
     * @param generation the number of the new anchor
     * @param reason why the copy cannot continue at the one before
     * @param vouched whether a person says that no change is missing, though the publication was created again
     */
    record Reanchoring(int generation, String reason, boolean vouched) implements Phase {

        Reanchoring(int generation, String reason) {
            this(generation, reason, false);
        }

        @Override
        public String toString() {
            return "Reanchoring as anchor " + generation + ": " + reason;
        }
    }

    /**
     * Tables are to be added. The stream continues with all others, and from here on passes over the changes of these: their rows have to come
     * first. The slot keeps them.
     *
     * @param generation the anchor whose copy was the last
     * @param tables OIDs under which their changes are published
     * @param reason which tables these are
     */
    record MakingWay(int generation, Set<Long> tables, String reason) implements Phase {

        @Override
        public String toString() {
            return "MakingWay: " + reason;
        }
    }

    /**
     * An anchor for tables that are added is being opened, while the stream continues with all others.
     *
     * @param generation the number of the new anchor
     * @param tables OIDs under which their changes are published
     * @param reason which tables these are
     */
    record OpeningBeside(int generation, Set<Long> tables, String reason) implements Phase {

        @Override
        public String toString() {
            return "OpeningBeside of anchor " + generation + ": " + reason;
        }
    }

    /**
     * The stream reads the slot up to this newer anchor; nothing is copied meanwhile.
     *
     * @param anchor whose snapshot is held
     */
    record CatchingUp(Anchor anchor) implements Phase {

        @Override
        public String toString() {
            return "CatchingUp with " + anchor;
        }
    }

    /**
     * Everything is copied; the stream continues for good.
     *
     * @param generation the anchor whose copy was the last
     */
    record Streaming(int generation) implements Phase {

        @Override
        public String toString() {
            return "Streaming; the last copy was at anchor " + generation;
        }
    }

    /**
     * Everything that was committed before {@code stream.end.lsn} is streamed; the stream rests there until the setting is
     * changed.
     *
     * @param generation the anchor whose copy was the last
     * @param end that LSN
     */
    record StreamedToEnd(int generation, Lsn end) implements Phase {

        @Override
        public String toString() {
            return "StreamedToEnd, at " + end;
        }
    }

    /**
     * Everything is copied and nothing is to be streamed ({@code snapshot.mode=initial_only}).
     *
     * @param generation the anchor whose copy was the last
     */
    record Ended(int generation) implements Phase {

        @Override
        public String toString() {
            return "Ended; the copy was at anchor " + generation;
        }
    }

    /**
     * To continue would lose or invent changes; a person has to decide.
     *
     * @param reason what happened, with names and LSNs, and the ways on
     */
    record Failed(String reason) implements Phase {

        @Override
        public String toString() {
            return "Failed: " + reason;
        }
    }
}
