package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdentityTest {
    @Test
    void readsWhatItWrites() {
        PeerIdentity identity = new PeerIdentity("west", "west-1.example_a");
        assertEquals("vgate://west/west-1.example_a", identity.uri());
        assertEquals(Optional.of(identity), PeerIdentity.parse(identity.uri()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "vgate://",
                "vgate://west",
                "vgate://west/",
                "vgate:///west-1",
                "vgate://west/west-1/",
                "vgate://west/west-1?x",
                "vgate://west/we%73t-1",
                "vgate://user@west/west-1",
                "vgate://west:443/west-1",
                "VGATE://west/west-1",
                "https://west/west-1",
                "vgate://west/west-1\n",
                "vgate://west/-",
                "vgate://west/west-1\0"
            })
    void refusesEverythingElse(String uri) {
        assertEquals(Optional.empty(), PeerIdentity.parse(uri));
    }

    @Test
    void refusesNamesThatNoUriCanCarry() {
        assertThrows(IllegalArgumentException.class, () -> new PeerIdentity("a/b", "c"));
        assertThrows(IllegalArgumentException.class, () -> new PeerIdentity("a".repeat(64), "c"));
    }
}
