package io.pgseam.tool.verify;

/** Is told how a check gets on. */
public interface Progress {

    /** Nobody looks. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String what, long total) {
            // Nobody looks.
        }

        @Override
        public void add(long done) {
            // Nobody looks.
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
