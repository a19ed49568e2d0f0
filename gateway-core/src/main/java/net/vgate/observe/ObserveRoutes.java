package net.vgate.observe;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.vgate.http.Operation;
import net.vgate.http.Request;
import net.vgate.http.Response;
import net.vgate.http.Routes;
import tools.jackson.core.JacksonException;

/** What the gateway serves to those who watch it, and to those who run it. */
public final class ObserveRoutes {
    private static final String NOT_ENCODED = "the query has a % that begins no escape (RFC 3986 section 2.1)\n";

    private ObserveRoutes() {}

    /** For reading, on a TCP address: a page at {@code /}, {@code /metrics}, {@code /healthz} and {@code /readyz}. */
    public static Routes forWatching(Metrics metrics, Health health, Supplier<StatusReport> status) {
        return Routes.none()
                .get(
                        "/",
                        Operation.of("A page for people").answers(200, "text/html", "The page."),
                        request -> Response.html(200, StatusPage.of(status.get(), health.ready())))
                .get(
                        "/metrics",
                        Operation.of("Metrics in the text format of Prometheus")
                                .answers(200, "text/plain", "The metrics."),
                        request -> Response.of(200, Metrics.CONTENT_TYPE, utf8(metrics.scrape())))
                .get(
                        "/healthz",
                        Operation.of("Whether the process works")
                                .answers(200, Health.Report.class, "It does.")
                                .answers(503, Health.Report.class, "It does not; problem says why."),
                        request -> health(health.live()))
                .get(
                        "/readyz",
                        Operation.of("Whether it does what it was configured to do")
                                .answers(200, Health.Report.class, "It does.")
                                .answers(503, Health.Report.class, "It does not; problem says why."),
                        request -> health(health.ready()));
    }

    /**
     * For the command line, on the admin socket: what there is for watching, {@code GET /status}, {@code GET /plan} and
     * {@code POST /reload}.
     *
     * @param plan what a reload would do; may take its time
     * @param reload loads the configuration file anew; may take its time
     */
    public static Routes forRunning(
            Metrics metrics,
            Health health,
            Supplier<StatusReport> status,
            Supplier<PlanReport> plan,
            Supplier<ReloadReport> reload) {
        return forWatching(metrics, health, status)
                .get(
                        "/status",
                        Operation.of("The whole gateway as it is now").answers(200, StatusReport.class, "How it is."),
                        request -> Response.json(200, Json.write(status.get())))
                .get(
                        "/plan",
                        Operation.of("What a reload would change")
                                .answers(200, PlanReport.class, "What would change.")
                                .answers(422, PlanReport.class, "It would be refused; problems say why."),
                        request -> plan(plan.get()))
                .post(
                        "/reload",
                        Operation.of("Takes over the configuration file as it is now")
                                .answers(200, ReloadReport.class, "It is taken over.")
                                .answers(
                                        422,
                                        ReloadReport.class,
                                        "It is refused, and what was in force goes on; problems say why."),
                        request -> reload(reload.get()));
    }

    /**
     * These and {@code GET /drain}, {@code POST /drain} and {@code POST /drain/undo}.
     *
     * @param report how far the gateway is with sending flows away
     * @param drain sends them away, or not any more
     */
    public static Routes withDrain(Routes routes, Supplier<DrainReport> report, Function<Boolean, DrainReport> drain) {
        return routes.get(
                        "/drain",
                        Operation.of("How far the gateway is with sending flows away")
                                .answers(200, DrainReport.class, "How far."),
                        request -> Response.json(200, Json.write(report.get())))
                .post(
                        "/drain",
                        Operation.of("Sends flows to the other gateways of the site")
                                .answers(200, DrainReport.class, "It has begun."),
                        request -> Response.json(200, Json.write(drain.apply(true))))
                .post(
                        "/drain/undo",
                        Operation.of("Takes flows again").answers(200, DrainReport.class, "It has begun."),
                        request -> Response.json(200, Json.write(drain.apply(false))));
    }

    /**
     * These and the directory: {@code GET /members}, of one V-net by {@code ?vnet=NAME}, the next page by
     * {@code after=VNET/ADDRESS}, and {@code POST /members/add}, {@code /members/set} and {@code /members/remove}, each
     * with a {@link MembersChange} as JSON. All answer with a {@link MembersReport}.
     *
     * @param list what is listed of a V-net behind a member; where one of them is empty, of all, or from the beginning
     * @param change obeys the last word of the path
     */
    public static Routes withMembers(
            Routes routes,
            BiFunction<String, String, MembersReport> list,
            BiFunction<String, MembersChange, MembersReport> change) {
        return routes.get(
                        "/members",
                        Operation.of("Members that the directory lists, ten thousand at a time")
                                .query("vnet", false, "Of this V-net only.")
                                .query("after", false, "Those behind this one: VNET/ADDRESS.")
                                .answers(200, MembersReport.class, "The members.")
                                .answers(422, MembersReport.class, "They cannot be shown; problems say why."),
                        request -> members(list.apply(parameter("vnet", request), parameter("after", request))))
                .post(
                        "/members/add",
                        Operation.of("Lists members that are not listed yet, all or none")
                                .takes(MembersChange.class)
                                .answers(200, MembersReport.class, "It is in force and on the disk.")
                                .answers(422, MembersReport.class, "Nothing was changed; problems say why."),
                        request -> changeMembers("add", request, change))
                .post(
                        "/members/set",
                        Operation.of("Changes members that are listed, all or none")
                                .takes(MembersChange.class)
                                .answers(200, MembersReport.class, "It is in force and on the disk.")
                                .answers(422, MembersReport.class, "Nothing was changed; problems say why."),
                        request -> changeMembers("set", request, change))
                .post(
                        "/members/remove",
                        Operation.of("Takes members off the list, all or none")
                                .takes(MembersChange.class)
                                .answers(200, MembersReport.class, "It is in force and on the disk.")
                                .answers(422, MembersReport.class, "Nothing was changed; problems say why."),
                        request -> changeMembers("remove", request, change));
    }

    /**
     * These and {@code GET /neighbors}, of one V-net by {@code ?vnet=NAME}. Answers with a {@link NeighborsReport},
     * with 422 when the question is wrong.
     *
     * @param list by V-net; empty is all
     */
    public static Routes withNeighbors(Routes routes, Function<String, NeighborsReport> list) {
        return routes.get(
                "/neighbors",
                Operation.of("Stations that are known on the links of TAPs and VTEP ports, ten thousand at most")
                        .query("vnet", false, "Of this V-net only.")
                        .answers(200, NeighborsReport.class, "The neighbors, and how many are left out.")
                        .answers(422, NeighborsReport.class, "The question is wrong; problem says why."),
                request -> {
                    String vnet;
                    try {
                        vnet = URLDecoder.decode(parameter("vnet", request), StandardCharsets.UTF_8);
                    } catch (IllegalArgumentException notEncoded) {
                        return Response.text(400, NOT_ENCODED);
                    }
                    NeighborsReport report = list.apply(vnet);
                    return Response.json(report.problem() == null ? 200 : 422, Json.write(report));
                });
    }

    /**
     * These and {@code GET /explain?vnet=NAME&address=ADDRESS}, with {@code at=SITE} where the address is not written
     * as this site does. Answers with an {@link AddressReport}, whose problem says why there is no answer: with 422 the
     * question is wrong, with 503 the V-net is out of force.
     *
     * @param explain by V-net, address and site, which is empty for this one
     */
    public static Routes withExplanation(Routes routes, Explanation explain) {
        return routes.get(
                "/explain",
                Operation.of("What the gateway makes of an address")
                        .query("vnet", true, "The V-net's name.")
                        .query("address", true, "An IPv4 or IPv6 address.")
                        .query("at", false, "The site where it is written so; default: the gateway's own.")
                        .answers(200, AddressReport.class, "What it makes of it.")
                        .answers(422, AddressReport.class, "The question is wrong; problem says why.")
                        .answers(503, AddressReport.class, "The V-net is out of force; problem says why."),
                request -> {
                    List<String> words;
                    try {
                        words = Stream.of("vnet", "address", "at")
                                .map(name -> URLDecoder.decode(parameter(name, request), StandardCharsets.UTF_8))
                                .toList();
                    } catch (IllegalArgumentException notEncoded) {
                        return Response.text(400, NOT_ENCODED);
                    }
                    return explanation(explain.of(words.get(0), words.get(1), words.get(2)));
                });
    }

    /**
     * These and what the gateway has: {@code GET /vnets}, {@code /vnets/NAME}, {@code /vnets/NAME/policy},
     * {@code /members/VNET/ADDRESS}, {@code /switches} and {@code /switches/NAME}. What is unknown is answered with 404
     * and a {@link Problem}.
     */
    public static Routes withInventory(Routes routes, Inventory inventory) {
        return routes.get(
                        "/vnets",
                        Operation.of("The V-nets").answers(200, VnetsReport.class, "All of them."),
                        request -> found(inventory::vnets))
                .get(
                        "/vnets/{vnet}",
                        Operation.of("One V-net")
                                .answers(200, VnetReport.class, "The V-net.")
                                .answers(404, Problem.class, "There is no such name."),
                        request -> found(() -> inventory.vnet(request.segment("vnet"))))
                .get(
                        "/vnets/{vnet}/policy",
                        Operation.of("The policy of one V-net")
                                .answers(200, PolicyReport.class, "Its rules in the order in which they are tried.")
                                .answers(404, Problem.class, "There is no such name."),
                        request -> found(() -> inventory.policy(request.segment("vnet"))))
                .get(
                        "/members/{vnet}/{address}",
                        Operation.of("One member")
                                .answers(200, MemberReport.class, "The member.")
                                .answers(404, Problem.class, "There is no such name."),
                        request -> found(() -> inventory.member(request.segment("vnet"), request.segment("address"))))
                .get(
                        "/switches",
                        Operation.of("Who hosts members: gateways, and VM switches at VTEP ports")
                                .answers(200, SwitchesReport.class, "All of them."),
                        request -> found(inventory::switches))
                .get(
                        "/switches/{switch}",
                        Operation.of("One of those who host members")
                                .answers(200, SwitchReport.class, "The switch.")
                                .answers(404, Problem.class, "There is no such name."),
                        request -> found(() -> inventory.switchNamed(request.segment("switch"))));
    }

    /**
     * These and {@code GET /openapi.json}, which describes them and itself.
     *
     * @param version of the program
     */
    public static Routes withDescription(Routes routes, String version) {
        Operation operation = Operation.of("This description").answers(200, "application/json", "OpenAPI 3.1.");
        String path = "/openapi.json";
        // Now, so that a route that nobody describes is found when the gateway starts.
        String description =
                Json.write(OpenApi.of(routes.get(path, operation, request -> Response.text(500, "")), version));
        return routes.get(path, operation, request -> Response.json(200, description));
    }

    private static Response found(Supplier<Object> report) {
        try {
            return Response.json(200, Json.write(report.get()));
        } catch (UnknownNameException unknown) {
            return Response.json(404, Json.write(new Problem(String.valueOf(unknown.getMessage()))));
        }
    }

    private static Response explanation(AddressReport report) {
        int refused = report.generation() == 0 ? 422 : 503;
        return Response.json(report.problem() == null ? 200 : refused, Json.write(report));
    }

    /** What the gateway makes of an address. */
    @FunctionalInterface
    public interface Explanation {
        /**
         * What it makes of it now.
         *
         * @param at the site where the address is written so; empty is the gateway's own
         */
        AddressReport of(String vnet, String address, String at);
    }

    /** What the query says by that name; empty when it says nothing. No name and no address needs an escape. */
    private static String parameter(String name, Request request) {
        return Stream.of(request.query().split("&", -1))
                .filter(one -> one.startsWith(name + "="))
                .map(one -> one.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    private static Response changeMembers(
            String verb, Request request, BiFunction<String, MembersChange, MembersReport> change) {
        MembersChange asked;
        try {
            asked = Json.read(request.body(), MembersChange.class);
        } catch (JacksonException notJson) {
            return Response.text(400, "the body is to be JSON with vnet, addresses, state, mac and locator\n");
        }
        return members(change.apply(verb, asked));
    }

    private static Response members(MembersReport report) {
        return Response.json(report.problems().isEmpty() ? 200 : 422, Json.write(report));
    }

    private static Response plan(PlanReport report) {
        return Response.json(report.problems().isEmpty() ? 200 : 422, Json.write(report));
    }

    private static Response reload(ReloadReport report) {
        return Response.json(report.applied() ? 200 : 422, Json.write(report));
    }

    private static Response health(Health.Report report) {
        return Response.json(report.ok() ? 200 : 503, Json.write(report));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
