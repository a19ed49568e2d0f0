package net.vgate.tunnel;

import java.time.Duration;

/**
 * When an association is replaced, whichever comes first. One that is past twice a limit, and could not be replaced for
 * ten seconds, is closed; what its cipher bears at most is guarded by the association itself, far above.
 *
 * @param age since it was established
 * @param records sealed or opened
 * @param bytes payload, sealed or opened
 * @param failedOpenings records that did not authenticate
 */
public record RekeyLimits(Duration age, long records, long bytes, long failedOpenings) {
    /** Times this, a limit is the hard one. */
    static final int HARD = 2;

    public RekeyLimits {
        if (age.isNegative() || age.isZero() || records < 1 || bytes < 1 || failedOpenings < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
