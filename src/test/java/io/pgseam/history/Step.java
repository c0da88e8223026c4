package io.pgseam.history;

/**
 * One fault of a history, and when it comes.
 *
 * @param moment what is waited for first
 * @param delayMs how much later
 * @param fault what happens then
 */
record Step(Moment moment, int delayMs, Fault fault) {

    @Override
    public String toString() {
        return moment + "+" + delayMs + "ms " + fault;
    }
}
