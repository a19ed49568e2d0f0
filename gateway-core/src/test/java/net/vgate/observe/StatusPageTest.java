package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

class StatusPageTest {
    private static final String RESOURCES = "gateway-core/src/test/resources/net/vgate/observe/";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern MOMENT = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT.*");
    private static final Health.Report READY = new Health.Report(true, List.of(new Health.Result("conductor", null)));

    @Test
    void looksAsEver() throws Exception {
        Health.Report notReady = new Health.Report(
                false, List.of(new Health.Result("conductor", null), new Health.Result("devices", "vg-blue is gone")));
        GoldenFile.assertMatches(RESOURCES + "busy.html", StatusPage.of(SampleReports.busy(), notReady));
        GoldenFile.assertMatches(RESOURCES + "idle.html", StatusPage.of(SampleReports.idle(), READY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "</td></table><h1>x</h1>",
                "\"><img src=x onerror='alert(1)'>",
                "&lt;b&gt; &amp; &#60;",
                "<!-- ",
                "]]>",
                "%s %n %",
                "${x}"
            })
    void takesWhateverItIsToldForText(String hostile) throws Exception {
        Document page = parse(StatusPage.of(reportOf(hostile), healthOf(hostile)));
        Document harmless = parse(StatusPage.of(reportOf("x"), healthOf("x")));
        assertEquals(texts(harmless, "x", hostile), texts(page, "", ""));
        assertEquals(elements(harmless), elements(page));
        assertTrue(page.getDocumentElement().getTextContent().contains(hostile));
    }

    @Test
    void showsNoCharacterThatActsInsteadOfBeingSeen() throws Exception {
        String shown = new HtmlPage("a\u0000b\u001bc\u202ed\u200be\ud800f\nend").toString();
        assertTrue(shown.contains("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf\uFFFDend"), shown);
        parse(shown);
    }

    @Test
    void asksNothingOfAnyOtherPlace() throws Exception {
        Document page = parse(StatusPage.of(SampleReports.busy(), READY));
        for (String element : List.of("script", "link", "img", "iframe", "a", "form", "object")) {
            assertEquals(0, page.getElementsByTagName(element).getLength(), element);
        }
        String shown = StatusPage.of(SampleReports.busy(), READY);
        assertFalse(shown.contains("url(") || shown.contains("@import") || shown.contains("src="), shown);
    }

    @Test
    void keepsToItselfWhatOnlyTheOperatorNeeds() {
        String shown = StatusPage.of(SampleReports.busy(), READY);
        for (String secret : List.of("/root/keys.log", "/etc/vgate", "10.0.0.0/24", "100.64", "ports 443")) {
            assertFalse(shown.contains(secret), secret);
        }
    }

    @Test
    void endsWhereNobodyWouldReadOn() throws Exception {
        StatusReport one = reportOf("x");
        ObjectNode tree = (ObjectNode) JSON.readTree(Json.write(one));
        repeatFirst(tree, "tunnels", 2_000);
        repeatFirst(tree, "vnets", 10_000);
        StatusReport many = Json.read(JSON.writeValueAsString(tree), StatusReport.class);
        String shown = StatusPage.of(many, READY);
        // A heading's row for each of four tables; each tunnel of the sample has two paths.
        assertEquals(
                4 + 3 * StatusPage.MAX_ROWS + one.drops().size(),
                parse(shown).getElementsByTagName("tr").getLength());
        assertTrue(shown.contains("the first 500 of 10,000; vgate status shows all"), shown);
    }

    private static void repeatFirst(ObjectNode report, String list, int times) {
        JsonNode first = report.get(list).get(0);
        ArrayNode repeated = report.putArray(list);
        Collections.nCopies(times, first).forEach(repeated::add);
    }

    /** One of everything, in which all text is {@code text}, that of fields to come included. */
    private static StatusReport reportOf(String text) {
        JsonNode busy = JSON.readTree(Json.write(SampleReports.busy()));
        return Json.read(JSON.writeValueAsString(withTexts(busy, text)), StatusReport.class);
    }

    private static JsonNode withTexts(JsonNode node, String text) {
        if (node instanceof ObjectNode object) {
            object.propertyNames().forEach(name -> object.set(name, withTexts(object.get(name), text)));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, withTexts(array.get(i), text));
            }
        } else if (node.isString() && !MOMENT.matcher(node.asString()).matches()) {
            return StringNode.valueOf(text);
        }
        return node;
    }

    private static Health.Report healthOf(String text) {
        return new Health.Report(false, List.of(new Health.Result(text, text)));
    }

    private static Document parse(String page) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static List<String> elements(Document page) {
        List<String> names = new ArrayList<>();
        NodeList all = page.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            names.add(element.getTagName() + " " + element.getAttribute("class"));
        }
        return names;
    }

    /** The texts of the page's cells, with {@code from} put as {@code to} where a whole word. */
    private static List<String> texts(Document page, String from, String to) {
        List<String> texts = new ArrayList<>();
        NodeList cells = page.getElementsByTagName("td");
        for (int i = 0; i < cells.getLength(); i++) {
            String text = cells.item(i).getTextContent();
            texts.add(from.isEmpty() ? text : text.replace(from, to));
        }
        return texts;
    }
}
