package net.vgate.observe;

import java.util.List;

/**
 * A page of headings, lines and tables for a browser: no scripts, nothing from elsewhere, loaded anew by itself.
 *
 * <p>Whatever is put in is text. It is escaped here and nowhere else, so that no caller can forget it. The page is
 * well-formed XML, too.
 */
final class HtmlPage {
    private static final int REFRESH_SECONDS = 5;

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="refresh" content="%d"/>
            <meta name="viewport" content="width=device-width"/>
            <title>%s</title>
            <style>
            :root { color-scheme: light dark; }
            body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5em; }
            h1 { font-size: 1.4em; margin: 0 0 .3em; }
            h2 { font-size: 1.1em; margin: 1.4em 0 .4em; }
            p { margin: .2em 0; }
            div { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
            th, td { padding: .2em .9em .2em 0; text-align: left; border-bottom: 1px solid #8884; }
            th { font-weight: 600; opacity: .65; }
            .number { text-align: right; }
            .good { color: light-dark(#176b2c, #6bd089); }
            .warning { color: light-dark(#8a5a00, #e8b04a); }
            .bad { color: light-dark(#b3261e, #ff8a80); font-weight: 600; }
            </style>
            </head>
            <body>
            """;

    private final StringBuilder html = new StringBuilder();

    /** How a text is to be taken; its name is the style's. */
    enum Tone {
        PLAIN(""),
        NUMBER("number"),
        GOOD("good"),
        WARNING("warning"),
        BAD("bad");

        private final String style;

        Tone(String style) {
            this.style = style;
        }
    }

    /** A cell of a table. */
    record Cell(String text, Tone tone) {
        static Cell of(String text) {
            return new Cell(text, Tone.PLAIN);
        }

        static Cell number(String text) {
            return new Cell(text, Tone.NUMBER);
        }
    }

    HtmlPage(String title) {
        html.append(HEAD.formatted(REFRESH_SECONDS, escape(title)));
        add("h1", new Cell(title, Tone.PLAIN));
        html.append('\n');
    }

    HtmlPage heading(String text) {
        add("h2", Cell.of(text));
        html.append('\n');
        return this;
    }

    HtmlPage line(Tone tone, String text) {
        add("p", new Cell(text, tone));
        html.append('\n');
        return this;
    }

    /** A table of as many columns as its header has; a column is headed as its first cell is aligned. */
    HtmlPage table(List<String> header, List<List<Cell>> rows) {
        html.append("<div><table>\n<tr>");
        for (int i = 0; i < header.size(); i++) {
            boolean isNumber = !rows.isEmpty() && rows.get(0).get(i).tone() == Tone.NUMBER;
            add("th", new Cell(header.get(i), isNumber ? Tone.NUMBER : Tone.PLAIN));
        }
        html.append("</tr>\n");
        for (List<Cell> row : rows) {
            html.append("<tr>");
            row.forEach(cell -> add("td", cell));
            html.append("</tr>\n");
        }
        html.append("</table></div>\n");
        return this;
    }

    @Override
    public String toString() {
        return html + "</body>\n</html>\n";
    }

    private void add(String element, Cell cell) {
        html.append('<').append(element);
        if (cell.tone() != Tone.PLAIN) {
            html.append(" class=\"").append(cell.tone().style).append('"');
        }
        html.append('>')
                .append(escape(cell.text()))
                .append("</")
                .append(element)
                .append('>');
    }

    /** Markup becomes text, and what is no character of a page becomes U+FFFD. */
    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isPrintable(character) ? character : 0xFFFD);
            }
        });
        return escaped.toString();
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            // FORMAT: marks that turn the direction of what follows, and others that nobody sees.
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
