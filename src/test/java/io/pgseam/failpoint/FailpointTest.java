package io.pgseam.failpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailpointTest {

    @TempDir
    private Path directory;

    @Test
    void isOffWhereNoDirectoryIsNamed() {
        for (Failpoint failpoint : Failpoint.values()) {
            failpoint.pass();
        }
    }

    @Test
    void failsOnceForEachFile() throws Exception {
        Path file = Files.createFile(directory.resolve(Failpoint.ROWS_READ.name()));
        assertThatThrownBy(() -> Failpoint.ROWS_READ.passArmed(file))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("ROWS_READ");
        assertThat(file).doesNotExist();
        Failpoint.ROWS_READ.passArmed(file);
    }
}
