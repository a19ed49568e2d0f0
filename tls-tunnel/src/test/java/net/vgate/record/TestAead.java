package net.vgate.record;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Objects;
import net.vgate.record.ipsecmb.IpsecMbAead;
import org.jspecify.annotations.Nullable;

/** The providers of AES-GCM, each of which passes the same tests; one that cannot be used here skips them. */
public enum TestAead {
    SUNJCE {
        @Override
        Aead load() {
            return new JceAead();
        }
    },
    IPSEC_MB {
        @Override
        Aead load() throws AeadUnavailableException {
            return IpsecMbAead.load();
        }
    };

    // Loaded once, so that a thread of tests has one manager of the library and not one for each test.
    @SuppressWarnings("ImmutableEnumChecker")
    private final @Nullable Aead aead;

    private final String whyNot;

    TestAead() {
        Aead loaded = null;
        String reason = "";
        try {
            loaded = load();
        } catch (AeadUnavailableException unavailable) {
            reason = "skipped: " + name() + " cannot be used: " + unavailable.getMessage();
        }
        this.aead = loaded;
        this.whyNot = reason;
    }

    abstract Aead load() throws AeadUnavailableException;

    /** Whether tests can have it. */
    public boolean isAvailable() {
        return aead != null;
    }

    /** The provider; skips the test, with the reason, when it cannot be used. */
    public Aead aead() {
        assumeTrue(isAvailable(), whyNot);
        return Objects.requireNonNull(aead);
    }
}
