package io.pgseam.phase;

/**
 * Whose LSNs are meant. Those of two clusters have nothing to do with each other, and those of two timelines of one cluster may mean two
 * things.
 *
 * @param system the system identifier of the cluster, to be read as unsigned; 0 if unknown
 * @param number the number of the timeline; 0 if unknown
 */
public record Timeline(long system, int number) {

    /** Of an offset of an earlier release, or before the server was asked. */
    public static final Timeline UNKNOWN = new Timeline(0, 0);

    /** Whether both are known, and are of different clusters. */
    public boolean isOfAnotherCluster(Timeline other) {
        return system != 0 && other.system != 0 && system != other.system;
    }

    /** Some timeline of the same cluster. */
    public Timeline withoutNumber() {
        return new Timeline(system, 0);
    }

    /** The system identifier as PostgreSQL writes it. */
    public String systemText() {
        return Long.toUnsignedString(system);
    }
}
