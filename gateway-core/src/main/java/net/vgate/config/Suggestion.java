package net.vgate.config;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Guesses which word someone meant. */
public final class Suggestion {
    private static final int MAX_LENGTH = 40;

    private Suggestion() {}

    /** What to do about {@code wrong}, which is no key of {@code section}. */
    static String forKey(String wrong, Section section) {
        List<String> names = section.keys().stream().map(Key::name).toList();
        Optional<String> near = nearest(wrong, names);
        if (near.isPresent()) {
            return "did you mean " + near.get() + "?";
        }
        return ConfigKeys.pathOf(wrong)
                .map(path -> "that key belongs to " + path)
                .orElseGet(() -> "allowed: " + String.join(", ", names));
    }

    /**
     * "did you mean" for a name that is none of {@code known}, else which ones there are.
     *
     * @param none what to do if there are none
     */
    public static String forName(String wrong, Set<String> known, String none) {
        Optional<String> near = nearest(wrong, known.stream().sorted().toList());
        if (near.isPresent()) {
            return "did you mean " + near.get() + "?";
        }
        return known.isEmpty()
                ? none
                : "there are: "
                        + String.join(", ", known.stream().sorted().limit(10).toList())
                        + (known.size() > 10 ? ", ..." : "");
    }

    /** The one of {@code words} that is at most a slip or two away from {@code wrong}. */
    static Optional<String> nearest(String wrong, List<String> words) {
        if (wrong.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String normal = wrong.replace('_', '-').toLowerCase(Locale.ROOT);
        return words.stream()
                .filter(word -> distance(normal, word) <= Math.max(1, word.length() / 3))
                .min(Comparator.comparingInt(word -> distance(normal, word)));
    }

    /** How many letters must be left out, put in, changed or swapped with the next (optimal string alignment). */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, d);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int step(String a, String b, int i, int j, int[][] d) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + change);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
    }
}
