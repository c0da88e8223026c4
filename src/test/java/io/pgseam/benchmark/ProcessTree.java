package io.pgseam.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process and its children cost, as Linux counts it. The time of children that have ended is in that of their parent, if the parent has
 * waited for them, as PostgreSQL's does.
 *
 * @param pid the parent; 0 if it is not known, and then everything is 0
 */
record ProcessTree(long pid) {

    private static final Path PROC = Path.of("/proc");
    private static final double TICKS_PER_SECOND = 100;

    /** Fields of /proc/…/stat after the name of the program, from 0. */
    private static final int PARENT = 1;

    private static final int USER_TIME = 11;
    private static final int TIMES = 4;

    /** Processor time so far, in s, in user and system mode. */
    double cpuSeconds() {
        return pid == 0
                ? 0
                : (ticks(pid, TIMES)
                                + children(pid).stream()
                                        .mapToLong(child -> ticks(child, 2))
                                        .sum())
                        / TICKS_PER_SECOND;
    }

    /** The same without its children. */
    double ownCpuSeconds() {
        return pid == 0 ? 0 : ticks(pid, 2) / TICKS_PER_SECOND;
    }

    private static long ticks(long pid, int fields) {
        List<String> stat = stat(pid);
        long ticks = 0;
        for (int field = USER_TIME; field < USER_TIME + fields && !stat.isEmpty(); field++) {
            ticks += Long.parseLong(stat.get(field));
        }
        return ticks;
    }

    /** From now on, {@link #peakBytes} counts anew. */
    void forgetPeak() throws IOException {
        if (pid != 0) {
            Files.writeString(PROC.resolve(pid + "/clear_refs"), "5");
        }
    }

    /** The most memory that the parent had at once since {@link #forgetPeak}, in bytes. */
    long peakBytes() throws IOException {
        if (pid == 0) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        }
    }

    /** The parent of a process; 0 if there is no such process on this machine. */
    static long parentOf(long pid) {
        List<String> stat = stat(pid);
        return stat.isEmpty() ? 0 : Long.parseLong(stat.get(PARENT));
    }

    private static List<Long> children(long parent) {
        try (Stream<Path> all = Files.list(PROC)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("\\d+"))
                    .map(Long::valueOf)
                    .filter(pid -> parentOf(pid) == parent)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Empty if the process has ended. */
    private static List<String> stat(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            if (!Files.exists(PROC.resolve(String.valueOf(pid)))) {
                return List.of();
            }
            throw new java.io.UncheckedIOException(e);
        }
    }
}
