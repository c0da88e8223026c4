package io.pgseam.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may run PostgreSQL: its programs refuse root, and builds in containers are often root.
 *
 * <p>As root, the programs run in a user namespace of their own, where this user is nobody; where the kernel or the
 * container does not permit that, they run as {@code nobody}, and what they write to is given to it.
 */
final class OrdinaryUser {

    private static final List<String> AS_WE_ARE = List.of();
    private static final List<String> IN_A_NAMESPACE = List.of("unshare", "--user");
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups");

    private static final List<String> PREFIX = choose();

    private OrdinaryUser() {}

    /** What to put before a command. */
    static List<String> prefix() {
        return PREFIX;
    }

    /** Lets the user of {@link #prefix} write here. */
    static void give(Path path) throws IOException {
        if (PREFIX.equals(AS_NOBODY)) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
    }

    private static List<String> choose() {
        if (!"0".equals(userId(AS_WE_ARE))) {
            return AS_WE_ARE;
        }
        return Stream.of(IN_A_NAMESPACE, AS_NOBODY)
                .filter(prefix -> {
                    String id = userId(prefix);
                    return id != null && !id.equals("0");
                })
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("PostgreSQL does not run as root, and neither "
                        + String.join(" ", IN_A_NAMESPACE) + " nor " + String.join(" ", AS_NOBODY)
                        + " works here: run the tests as another user"));
    }

    private static @Nullable String userId(List<String> prefix) {
        try {
            List<String> command =
                    Stream.concat(prefix.stream(), Stream.of("id", "-u")).toList();
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return process.waitFor() == 0 ? output : null;
        } catch (IOException e) {
            // The program does not exist here.
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
