package io.pgseam.record.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TemporalTextTest {

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter();

    @Test
    void everyDayHasItsNumber() {
        LocalDate last = LocalDate.of(9999, 12, 31);
        for (LocalDate day = LocalDate.of(1, 1, 1); !day.isAfter(last); day = day.plusDays(1)) {
            byte[] text = bytes("x" + day);
            assertThat(TemporalText.days(text, 1, text.length - 1)).isEqualTo(day.toEpochDay());
        }
    }

    @Test
    void timesHaveTheirMicroseconds() {
        Random random = Seed.random(TemporalTextTest.class);
        for (int i = 0; i < 20_000; i++) {
            long micros = random.nextLong(TemporalText.MICROS_OF_DAY);
            LocalTime time =
                    LocalTime.ofNanoOfDay((random.nextBoolean() ? micros : micros / 1_000_000 * 1_000_000) * 1_000);
            LocalDate day = LocalDate.ofEpochDay(random.nextInt(-700_000, 2_900_000));
            byte[] text = bytes("x" + TIME.format(time));
            assertThat(TemporalText.timeMicros(text, 1, text.length - 1)).isEqualTo(time.toNanoOfDay() / 1_000);
            text = bytes("x" + day + " " + TIME.format(time));
            assertThat(TemporalText.timestampMicros(text, 1, text.length - 1))
                    .isEqualTo(ChronoUnit.MICROS.between(
                            LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), LocalDateTime.of(day, time)));
        }
    }

    @Test
    void otherTextsAreNotRead() {
        for (String text : List.of(
                "infinity",
                "-infinity",
                "0044-03-15 BC",
                "10000-01-01",
                "2024-02-2x",
                "20x4-02-29",
                "",
                "2024-02-29 12:00:00")) {
            assertThat(TemporalText.days(bytes(text), 0, text.length()))
                    .as(text)
                    .isEqualTo(TemporalText.OTHER);
        }
        for (String text :
                List.of("24:00:00", "12:00", "12:00:00.", "12:00:00.1234567", "12:00:00+00", "1x:00:00", "")) {
            assertThat(TemporalText.timeMicros(bytes(text), 0, text.length()))
                    .as(text)
                    .isEqualTo(TemporalText.OTHER);
        }
        for (String text : List.of(
                "infinity",
                "2024-02-29 24:00:00",
                "0044-03-15 12:00:00 BC",
                "10000-01-01 00:00:00",
                "2024-02-29T12:00:00",
                "2024-02-29")) {
            assertThat(TemporalText.timestampMicros(bytes(text), 0, text.length()))
                    .as(text)
                    .isEqualTo(TemporalText.OTHER);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
