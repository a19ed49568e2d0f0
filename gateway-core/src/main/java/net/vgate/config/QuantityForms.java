package net.vgate.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Forms of durations and sizes, which carry their unit, so that nobody has to know which one was meant. */
final class QuantityForms {
    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,12}) ?([A-Za-z/]*)");
    private static final Map<String, Long> MILLIS =
            units("ms", 1, "s", 1_000, "m", 60_000, "h", 3_600_000, "d", 86_400_000);
    private static final Map<String, Long> BYTES =
            units("B", 1, "KiB", 1 << 10, "MiB", 1 << 20, "GiB", 1 << 30, "TiB", 1L << 40);

    private static final Map<String, Long> BIT_RATES =
            units("kbit/s", 1_000, "Mbit/s", 1_000_000, "Gbit/s", 1_000_000_000);

    private QuantityForms() {}

    /** A time from {@code min} to {@code max}, in whole milliseconds. */
    static Form<Duration> duration(Duration min, Duration max) {
        String allowed = text(min) + " to " + text(max) + ", with a unit (ms, s, m, h, d)";
        return Form.ofText(allowed, text -> {
            Form.Reading<Long> reading = read(text, MILLIS, min.toMillis(), max.toMillis());
            return new Form.Reading<>(reading.value().map(Duration::ofMillis), reading.found(), reading.advice());
        });
    }

    /** A number of bytes from {@code min} to {@code max}. */
    static Form<Long> size(long min, long max) {
        String allowed = sizeText(min) + " to " + sizeText(max) + ", with a unit (B, KiB, MiB, GiB, TiB)";
        return Form.ofText(allowed, text -> read(text, BYTES, min, max));
    }

    /** Bits a second, from {@code min} to {@code max}. */
    static Form<Long> bitRate(long min, long max) {
        String allowed = bitRateText(min) + " to " + bitRateText(max) + ", with a unit (kbit/s, Mbit/s, Gbit/s)";
        return Form.ofText(allowed, text -> read(text, BIT_RATES, min, max));
    }

    /** In the largest unit that gives a whole number. */
    static String bitRateText(long bitsPerSecond) {
        return inUnit(bitsPerSecond, BIT_RATES);
    }

    /** In the largest unit that gives a whole number. */
    static String text(Duration duration) {
        return inUnit(duration.toMillis(), MILLIS);
    }

    /** In the largest unit that gives a whole number. */
    static String sizeText(long bytes) {
        return inUnit(bytes, BYTES);
    }

    private static Form.Reading<Long> read(String text, Map<String, Long> units, long min, long max) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) {
            return Form.Reading.wrong("is not a number with a unit");
        }
        String unit = matcher.group(2);
        Long factor = units.get(unit);
        if (factor == null) {
            return unit.isEmpty() ? Form.Reading.wrong("has no unit") : Form.Reading.wrong("has an unknown unit");
        }
        long number = Long.parseLong(matcher.group(1));
        if (number > max / factor || number * factor < min) {
            return Form.Reading.wrong(number > max / factor ? "is too large" : "is too small");
        }
        return Form.Reading.of(number * factor);
    }

    private static String inUnit(long value, Map<String, Long> units) {
        String text = "";
        for (Map.Entry<String, Long> unit : units.entrySet()) {
            if (value % unit.getValue() == 0 && (value > 0 || text.isEmpty())) {
                text = value / unit.getValue() + unit.getKey();
            }
        }
        return text;
    }

    private static Map<String, Long> units(Object... namesAndFactors) {
        Map<String, Long> units = new LinkedHashMap<>();
        for (int i = 0; i < namesAndFactors.length; i += 2) {
            units.put((String) namesAndFactors[i], ((Number) namesAndFactors[i + 1]).longValue());
        }
        return units;
    }
}
