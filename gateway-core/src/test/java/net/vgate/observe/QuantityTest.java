package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1048575, 1.0 MiB",
        "1048576, 1.0 MiB",
        "1610612736, 1.5 GiB",
        "9223372036854775807, 8.0 EiB"
    })
    void bytes(long bytes, String text) {
        assertEquals(text, Quantity.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0 s",
        "0.99, 0 s",
        "119.9, 119 s",
        "120, 2 min",
        "7199, 119 min",
        "7200, 2 h",
        "172799, 47 h",
        "172800, 2 d"
    })
    void age(double seconds, String text) {
        assertEquals(text, Quantity.age(seconds));
    }

    @ParameterizedTest
    @CsvSource({"0.0000004, 0.00 ms", "0.00123, 1.23 ms", "0.00996, 10 ms", "0.9994, 999 ms", "0.9996, 1.0 s"})
    void roundTrip(double seconds, String text) {
        assertEquals(text, Quantity.roundTrip(seconds));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"0; 0", "999; 999", "1234567; 1,234,567"})
    void count(long count, String text) {
        assertEquals(text, Quantity.count(count));
    }
}
