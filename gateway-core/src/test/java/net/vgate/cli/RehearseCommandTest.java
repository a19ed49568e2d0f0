package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RehearseCommandTest {
    @Test
    void goesThroughAStartAndSaysNothing() {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);

        assertEquals(0, Vgate.execute(writer, writer, "rehearse"), said::toString);
        assertEquals("", said.toString());
    }
}
