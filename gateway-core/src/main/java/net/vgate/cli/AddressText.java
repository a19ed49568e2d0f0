package net.vgate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.attachment.NeighborState;
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Form;
import net.vgate.observe.AddressReport.Gateway;
import net.vgate.observe.AddressReport.Meaning;
import net.vgate.observe.AddressReport.Neighbor;
import net.vgate.observe.AddressReport.Step;
import net.vgate.observe.AddressReport.Way;
import net.vgate.observe.AddressReport.Written;
import net.vgate.observe.Quantity;
import org.jspecify.annotations.Nullable;

/** What a gateway makes of an address, as tables. What is dropped is coloured. */
final class AddressText {
    /** Lines of the configuration that one stage names. */
    private static final int SHOWN = 8;

    private final AddressReport report;
    private final Ink ink;
    private final Sections sections;

    private AddressText(AddressReport report, Ink ink) {
        this.report = report;
        this.ink = ink;
        sections = new Sections(ink);
    }

    static String of(AddressReport report, Ink ink) {
        AddressText text = new AddressText(report, ink);
        text.addHead();
        text.addForms();
        text.addGateways();
        report.ways().forEach(text::addWay);
        return text.sections.toString();
    }

    private void addHead() {
        sections.line(
                "%s in V-net %s (VNI %d), as written at site %s"
                        .formatted(report.address(), report.vnet(), report.vni(), report.at()),
                ink::bold);
        Meaning meaning = report.meaning();
        if (meaning != null) {
            boolean isSomebody = List.of("gateway", "member", "remote").contains(meaning.kind());
            sections.line("  " + meaning.text(), isSomebody ? UnaryOperator.identity() : ink::yellow);
            if (meaning.attachment() != null) {
                sections.line("  behind " + meaning.attachment(), UnaryOperator.identity());
            }
            if (meaning.neighbor() != null) {
                sections.line("  " + station(meaning.neighbor()));
            }
            meaning.advice().forEach(one -> sections.line("  " + one));
        }
        sections.line(
                "  asked of gateway %s/%s; lines are of %s, generation %d"
                        .formatted(report.site(), report.gateway(), report.file(), report.generation()),
                UnaryOperator.identity());
    }

    private static String station(Neighbor neighbor) {
        String age = Quantity.age((double) neighbor.ageSeconds());
        if (neighbor.mac() == null) {
            return "its link was first asked for it %s ago, and has not answered".formatted(age);
        }
        String locator = neighbor.locator() == null ? "" : " at locator " + neighbor.locator();
        if (neighbor.state().equals(NeighborState.WRITTEN.label())) {
            return "there it is to be %s%s, and was not heard so".formatted(neighbor.mac(), locator);
        }
        return "there it is %s%s, %s, confirmed %s ago".formatted(neighbor.mac(), locator, neighbor.state(), age);
    }

    private void addForms() {
        TextTable table = new TextTable("AT", "ADDRESS", "HOW", "BY");
        for (Form form : report.forms()) {
            table.row(form.site(), orDash(form.address()), form.text(), orDash(form.by()));
        }
        sections.table("addresses", table, List.of());
    }

    private void addGateways() {
        TextTable table = new TextTable("GATEWAY", "FLOWS", "RUNG", "PATH", "CIPHER", "WHY NOT");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (Gateway gateway : report.gateways()) {
            String cipher = gateway.cipherSuite();
            table.row(
                    gateway.peer() + "/" + gateway.gateway(),
                    gateway.state(),
                    orDash(gateway.rung()),
                    orDash(gateway.local()) + " > " + orDash(gateway.remote()),
                    cipher == null ? "-" : cipher.replaceFirst("^TLS_", ""),
                    gateway.text() == null ? "" : gateway.text());
            inks.add(gateway.carries() ? UnaryOperator.identity() : ink::yellow);
        }
        sections.table("gateways", table, inks);
    }

    private void addWay(Way way) {
        TextTable table = new TextTable("STAGE", "VERDICT", "WHY");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (Step step : way.steps()) {
            UnaryOperator<String> colour = inkFor(step);
            table.row(step.stage(), verdict(step), step.text());
            inks.add(colour);
            for (String by : shown(step.by())) {
                table.row("", "", "  " + by);
                inks.add(colour);
            }
        }
        sections.table("from %s to %s".formatted(way.from(), way.to()), table, inks);
    }

    private static List<String> shown(List<Written> by) {
        List<String> shown =
                new ArrayList<>(by.stream().limit(SHOWN).map(Written::toString).toList());
        if (by.size() > SHOWN) {
            shown.add("and " + (by.size() - SHOWN) + " more");
        }
        return shown;
    }

    private static String verdict(Step step) {
        return switch (step.verdict()) {
            case "drop" -> "DROP " + step.reason();
            case "some" -> "pass or " + step.reason();
            case "answers" -> "answers, else " + step.reason();
            default -> step.verdict();
        };
    }

    private UnaryOperator<String> inkFor(Step step) {
        return switch (step.verdict()) {
            case "drop" -> ink::red;
            case "answers", "idle" -> ink::yellow;
            default -> UnaryOperator.identity();
        };
    }

    private static String orDash(@Nullable Object value) {
        return value == null ? "-" : value.toString();
    }
}
