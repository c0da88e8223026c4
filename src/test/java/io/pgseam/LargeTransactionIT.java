package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster.Delivery;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A million rows in one transaction, through a worker of 512 MB that shares them with the broker. */
class LargeTransactionIT {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(names = "EXACTLY_ONCE")
    void aMillionRowsPassThroughASmallWorker(Delivery delivery) throws Exception {
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-classpath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeTransaction.class.getName(),
                        delivery.name())
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
