package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TextTableTest {
    @Test
    void linesUp() {
        String table = new TextTable("NAME", "DAYS LEFT", "SIZE")
                .row("a", 3, "1,024 MiB")
                .row("é-longer-name", -20, "-")
                .toString();

        assertEquals("""
                NAME           DAYS LEFT       SIZE
                a                      3  1,024 MiB
                é-longer-name        -20          -
                """, table);
    }

    @Test
    void aColumnWithAWordInItIsNoneOfNumbers() {
        assertEquals("A\n1\nx\n", new TextTable("A").row(1).row("x").toString());
        assertEquals("KEY\nEC P-256\n", new TextTable("KEY").row("EC P-256").toString());
        assertEquals(
                "AT\n10.0.0.7\n10.0.0.10\n",
                new TextTable("AT").row("10.0.0.7").row("10.0.0.10").toString());
    }

    @Test
    @Timeout(10)
    void tenThousandRowsTakeNoLongerEach() {
        TextTable table = new TextTable("A", "B", "C");
        for (int i = 0; i < 10_000; i++) {
            table.row(i, "rule " + i, "x");
        }
        assertEquals(10_001, table.toString().lines().count());
    }

    @Test
    void refusesARowOfAnotherLength() {
        assertThrows(IllegalArgumentException.class, () -> new TextTable("A", "B").row(1));
    }
}
