package io.pgseam.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What happened in a history and when, in the order in which it was noted. For any thread. */
final class Timeline {

    private final long start = System.nanoTime();
    private final List<String> events = new ArrayList<>();
    private final Path file;

    /** @param file where each event is written as it is noted, for whoever cannot wait for the end */
    Timeline(Path file) throws IOException {
        this.file = file;
        Files.deleteIfExists(file);
    }

    /**
     * Notes an event.
     *
     * @param who whose event it is: fault, connector, slot …
     */
    synchronized void note(String who, String format, Object... arguments) {
        double seconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 1e3;
        String event = String.format(
                Locale.ROOT,
                "%7.3f %-9s %s",
                seconds,
                who,
                arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
        events.add(event);
        try {
            Files.writeString(file, event + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }

    long seconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    }
}
