package net.vgate.control;

import java.util.Optional;
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
    /** The fastest that this machine has: libipsec-mb, else the JDK's own. */
    public static AeadSelection fastest() {
        try {
            return new AeadSelection(IpsecMbAead.load(), Optional.empty());
        } catch (AeadUnavailableException unavailable) {
            return new AeadSelection(new JceAead(), Optional.of("ipsec-mb: " + unavailable.getMessage()));
        }
    }
}
