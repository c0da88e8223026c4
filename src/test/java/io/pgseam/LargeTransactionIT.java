package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Matrix;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** Many rows in one transaction, through a worker with a small heap that it shares with the broker. */
class LargeTransactionIT {

    @TempDir
    private Path directory;

    @Matrix(build = "400000, 192", nightly = "1000000, 512")
    void everyRowPassesThroughASmallWorker(int rows, int heapMb) throws Exception {
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heapMb + "m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Dpgseam.log.file=" + directory.resolve("large-transaction.log"),
                        "-classpath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeTransaction.class.getName(),
                        String.valueOf(rows))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .directory(new File(System.getProperty("user.dir")))
                .start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(ended).as("ended in time\n" + text).isTrue();
            assertThat(process.exitValue()).as(text).isZero();
        } finally {
            process.destroy();
        }
    }
}
