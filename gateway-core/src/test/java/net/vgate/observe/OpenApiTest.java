package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import net.vgate.http.Routes;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class OpenApiTest {
    private static final MembersReport MEMBERS = new MembersReport(
            7,
            List.of(new MembersReport.Member("blue", "10.0.0.7", "joined", "02:00:00:00:00:07", null)),
            false,
            List.of());

    private static final NeighborsReport NEIGHBORS = new NeighborsReport(
            List.of(
                    new NeighborsReport.Neighbor("blue", "10.0.0.7", "02:00:00:00:00:07", null, "reachable", 3),
                    new NeighborsReport.Neighbor("blue", "10.0.0.8", null, "192.0.2.11", "incomplete", 0)),
            1,
            null);

    private final Metrics metrics = new Metrics(SampleReports::busy, 10);
    private final Routes routes = routes();
    private final ObjectNode document = (ObjectNode) tree(OpenApi.of(routes, "0.1.0"));

    private Routes routes() {
        Routes running = ObserveRoutes.forRunning(
                metrics,
                new Health(List.of(), List.of()),
                SampleReports::busy,
                () -> new PlanReport(List.of(), List.of()),
                () -> new ReloadReport(true, 7, List.of(), List.of()));
        Routes drained = ObserveRoutes.withDrain(
                running, () -> new DrainReport(false, List.of(), 0), wanted -> new DrainReport(wanted, List.of(), 0));
        Routes members = ObserveRoutes.withMembers(drained, (vnet, after) -> MEMBERS, (verb, change) -> MEMBERS);
        Routes neighbors = ObserveRoutes.withNeighbors(members, vnet -> NEIGHBORS);
        Routes explained = ObserveRoutes.withExplanation(
                neighbors, (vnet, address, at) -> AddressReport.refused(vnet, address, at, "planted"));
        return ObserveRoutes.withDescription(ObserveRoutes.withInventory(explained, new NoInventory()), "0.1.0");
    }

    @Test
    void describesEveryRouteAndNoOther() {
        Set<String> served = new TreeSet<>();
        routes.forEach((path, method, operation) -> {
            assertNotNull(operation, path);
            served.add(path + " " + method.name().toLowerCase(Locale.ROOT));
        });
        Set<String> described = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation -> described.add(path.getKey() + " " + operation.getKey())));
        assertEquals(served, described);
    }

    @Test
    void reportsAreAsDescribed() {
        assertEquals(List.of(), faults("StatusReport", tree(SampleReports.busy())));
        assertEquals(List.of(), faults("StatusReport", tree(SampleReports.idle())));
        assertEquals(List.of(), faults("MembersReport", tree(MEMBERS)));
        assertEquals(List.of(), faults("NeighborsReport", tree(NEIGHBORS)));
    }

    @Test
    void whatIsNotAsDescribedIsFound() {
        ObjectNode more = (ObjectNode) tree(MEMBERS);
        more.put("planted", 1);
        assertFalse(faults("MembersReport", more).isEmpty());
        ObjectNode less = (ObjectNode) tree(MEMBERS);
        less.remove("revision");
        assertFalse(faults("MembersReport", less).isEmpty());
        ObjectNode other = (ObjectNode) tree(MEMBERS);
        other.put("revision", "7");
        assertFalse(faults("MembersReport", other).isEmpty());
    }

    /** Newer gateways may add properties; this one has none beyond what is described. */
    private List<String> faults(String schema, JsonNode report) {
        ObjectNode closed = document.deepCopy();
        closed.get("components").get("schemas").forEach(one -> ((ObjectNode) one).put("additionalProperties", false));
        closed.put("$ref", "#/components/schemas/" + schema);
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(closed)
                .validate(report)
                .stream()
                .map(Object::toString)
                .toList();
    }

    private static JsonNode tree(Object report) {
        return JsonMapper.shared().readTree(Json.write(report));
    }

    /** Is not asked. */
    private static final class NoInventory implements Inventory {
        @Override
        public VnetsReport vnets() {
            return new VnetsReport(List.of());
        }

        @Override
        public VnetReport vnet(String name) {
            throw new UnknownNameException("V-net", name, "planted");
        }

        @Override
        public PolicyReport policy(String vnet) {
            throw new UnknownNameException("V-net", vnet, "planted");
        }

        @Override
        public MemberReport member(String vnet, String address) {
            throw new UnknownNameException("member", address, "planted");
        }

        @Override
        public SwitchesReport switches() {
            return new SwitchesReport(List.of());
        }

        @Override
        public SwitchReport switchNamed(String name) {
            throw new UnknownNameException("switch", name, "planted");
        }
    }
}
