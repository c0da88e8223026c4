package io.pgseam.tool.verify;

/** Is told how a check gets on. */
public interface Progress {

    /** Progress is not shown. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String what, long total) {
            // Progress is not shown.
        }

        @Override
        public void add(long done) {
            // Progress is not shown.
        }
    };

    /**
     * A part of the work begins.
     *
     * @param what what it is about, in a few words
     * @param total of how many steps
     */
    void begin(String what, long total);

    /** So many steps more are done. */
    void add(long done);
}
