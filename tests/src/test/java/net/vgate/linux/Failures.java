package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertThrows;

import net.vgate.attachment.DeviceException;
import org.junit.jupiter.api.function.Executable;

/** What a call says that must fail. */
final class Failures {
    private Failures() {}

    /** The one line that {@code call} fails with. */
    static String lineOf(Executable call) {
        String message = assertThrows(DeviceException.class, call).getMessage();
        if (message == null || message.contains("\n")) {
            throw new AssertionError("not one line: " + message);
        }
        return message;
    }
}
