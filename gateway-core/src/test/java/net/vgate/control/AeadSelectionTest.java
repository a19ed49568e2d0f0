package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import net.vgate.config.GatewayConfig.AeadProvider;
import net.vgate.observe.StatusReport;
import net.vgate.record.AeadUnavailableException;
import org.junit.jupiter.api.Test;

class AeadSelectionTest {
    @Test
    void takesTheJdksWhenTheConfigurationSaysSo() throws AeadUnavailableException {
        StatusReport.Aead status = AeadSelection.of(AeadProvider.SUNJCE).status();
        assertEquals("sunjce", status.provider());
        assertEquals("the configuration says so", status.whyNotFaster());
    }

    /** On a machine that has libipsec-mb as on one that has not. */
    @Test
    void takesTheFastestThatThereIsByItself() throws AeadUnavailableException {
        AeadSelection chosen = AeadSelection.of(AeadProvider.AUTO);
        try {
            AeadSelection named = AeadSelection.of(AeadProvider.IPSEC_MB);
            assertEquals(named.status(), chosen.status());
            assertEquals(Optional.empty(), chosen.whyNotFaster());
        } catch (AeadUnavailableException unavailable) {
            assertEquals("sunjce", chosen.aead().name());
            String why = chosen.whyNotFaster().orElseThrow().replace("ipsec-mb cannot be used: ", "");
            assertTrue(String.valueOf(unavailable.getMessage()).contains(why), why);
        }
    }
}
