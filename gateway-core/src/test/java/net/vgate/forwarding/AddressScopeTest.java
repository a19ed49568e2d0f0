package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.vgate.packet.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressScopeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0.0.0", "10.0.0.1", "100.64.0.1", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
                "172.16.0.1", "192.168.255.255", "223.255.255.255", "2001:db8::1", "fc00::1", "fdff::", "fe7f::1",
                "fec0::1", "64:ff9b::10.0.0.1", "::1:0:0:0", "feff::1"
            })
    void hostsMayCross(String text) {
        assertEquals(true, crosses(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.255.255.255",
                "127.0.0.0",
                "127.255.255.255",
                "169.254.0.0",
                "169.254.255.255",
                "224.0.0.0",
                "239.255.255.255",
                "240.0.0.0",
                "255.255.255.255",
                "::",
                "::1",
                "::10.0.0.1",
                "fe80::",
                "fe80::1",
                "febf:ffff::1",
                "ff00::",
                "ff02::1",
                "ff0e::1",
                "ffff::"
            })
    void whatMeansSomethingElseAtEachSiteMayNot(String text) {
        assertEquals(false, crosses(text));
    }

    private static boolean crosses(String text) {
        IpAddress address = IpAddress.parse(text).orElseThrow();
        return AddressScope.crosses(address.hi(), address.lo());
    }
}
