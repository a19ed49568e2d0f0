package net.vgate.observe;

import java.time.Duration;
import java.util.Locale;

/** Figures as people read them: one number, one unit. */
public final class Quantity {
    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Quantity() {}

    /** {@code 1,234,567}. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** {@code 1.5 GiB}. */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        // What rounds to 1,024.0 is 1.0 of the next unit.
        while (value >= 1_023.95 && unit < BYTE_UNITS.length - 1) {
            value /= 1_024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, BYTE_UNITS[unit]);
    }

    /** {@code 50 Mbit/s}. */
    public static String bitRate(long bitsPerSecond) {
        if (bitsPerSecond < 1_000_000) {
            return bitsPerSecond / 1_000 + " kbit/s";
        }
        boolean isGiga = bitsPerSecond >= 1_000_000_000;
        double value = bitsPerSecond / (isGiga ? 1e9 : 1e6);
        String number =
                value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.2f", value);
        return number + (isGiga ? " Gbit/s" : " Mbit/s");
    }

    /** {@code 26 h}: rounded down, as clocks do. */
    public static String age(double seconds) {
        Duration age = Duration.ofMillis(Math.max(0, (long) (seconds * 1e3)));
        if (age.toSeconds() < 120) {
            return age.toSeconds() + " s";
        }
        if (age.toMinutes() < 120) {
            return age.toMinutes() + " min";
        }
        return age.toHours() < 48 ? age.toHours() + " h" : age.toDays() + " d";
    }

    /** {@code 1.23 ms}. */
    public static String roundTrip(double seconds) {
        if (seconds >= 0.9995) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        return String.format(Locale.ROOT, seconds < 0.00995 ? "%.2f ms" : "%.0f ms", seconds * 1e3);
    }
}
