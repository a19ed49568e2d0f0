package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketTextTest {
    @ParameterizedTest
    @CsvSource({"192.0.2.1, 192.0.2.1:4433", "2001:db8:0:0::1, [2001:db8::1]:4433", "0.0.0.0, 0.0.0.0:4433"})
    void isWrittenAsPeopleWriteIt(String address, String text) throws UnknownHostException {
        assertEquals(text, SocketText.of(new InetSocketAddress(InetAddress.getByName(address), 4_433)));
    }
}
