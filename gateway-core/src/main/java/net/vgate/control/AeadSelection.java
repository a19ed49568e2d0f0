package net.vgate.control;

import java.util.Optional;
import net.vgate.config.GatewayConfig.AeadProvider;
import net.vgate.observe.StatusReport;
import net.vgate.record.Aead;
import net.vgate.record.AeadUnavailableException;
import net.vgate.record.JceAead;
import net.vgate.record.ipsecmb.IpsecMbAead;

/**
 * Who computes AES-GCM, chosen once, at the start.
 *
 * @param whyNotFaster why a faster provider is not in use; empty when the fastest is
 */
public record AeadSelection(Aead aead, Optional<String> whyNotFaster) {
    /**
     * The provider that the configuration asks for.
     *
     * @throws AeadUnavailableException when it names one that cannot be used here
     */
    public static AeadSelection of(AeadProvider wanted) throws AeadUnavailableException {
        return switch (wanted) {
            case AUTO -> fastest();
            case IPSEC_MB -> named();
            case SUNJCE -> new AeadSelection(new JceAead(), Optional.of("the configuration says so"));
        };
    }

    private static AeadSelection fastest() {
        try {
            return new AeadSelection(IpsecMbAead.load(), Optional.empty());
        } catch (AeadUnavailableException unavailable) {
            return new AeadSelection(
                    new JceAead(), Optional.of("ipsec-mb cannot be used: " + unavailable.getMessage()));
        }
    }

    private static AeadSelection named() throws AeadUnavailableException {
        try {
            return new AeadSelection(IpsecMbAead.load(), Optional.empty());
        } catch (AeadUnavailableException unavailable) {
            throw new AeadUnavailableException(
                    "crypto.aead: ipsec-mb cannot be used here: " + unavailable.getMessage()
                            + "; or let crypto.aead be auto",
                    unavailable);
        }
    }

    /** What status says of it. */
    public StatusReport.Aead status() {
        return new StatusReport.Aead(aead.name(), aead.version(), whyNotFaster.orElse(null));
    }
}
