package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.vgate.observe.StatusReport.Aead;
import org.junit.jupiter.api.Test;

class StatusReportTest {
    @Test
    void aCipherNamesTheProviderThatIsNotTheGateways() {
        StatusReport.Tunnel up = SampleReports.busy().tunnels().get(0);
        String suite = "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        assertEquals(suite, up.cipherText(new Aead("ipsec-mb", "1.3.0", null)));
        assertEquals(suite + " (ipsec-mb)", up.cipherText(new Aead("sunjce", "17", null)));
        StatusReport.Tunnel down = SampleReports.busy().tunnels().get(1);
        assertEquals("-", down.cipherText(new Aead("sunjce", "17", null)));
    }
}
