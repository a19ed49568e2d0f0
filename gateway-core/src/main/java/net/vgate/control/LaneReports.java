package net.vgate.control;

import java.util.Locale;
import net.vgate.observe.Event;
import net.vgate.record.Association;
import net.vgate.tunnel.Tunnel;
import net.vgate.tunnel.TunnelAction.Report;
import net.vgate.tunnel.TunnelCounter;
import net.vgate.tunnel.TunnelRules;
import org.jspecify.annotations.Nullable;

/**
 * What befalls a lane, as lines of the log. The tunnel's life is the first lane's; what befalls another is worth a word
 * all the same.
 */
final class LaneReports {
    private final Tunnel tunnel;
    private final TunnelEnvironment environment;

    LaneReports(Tunnel tunnel, TunnelEnvironment environment) {
        this.tunnel = tunnel;
        this.environment = environment;
    }

    /** @param called where the peer is called, for people */
    void log(TunnelRules rules, Report report, String called) {
        if (rules.lane() > 0) {
            notice(rules, report.event().label(), report.detail());
        } else {
            environment.log().report(event(rules, report, called));
        }
    }

    void notice(TunnelRules rules, String what, String detail) {
        String lane = rules.lane() == 0 ? "" : "lane " + rules.lane() + ": ";
        environment
                .log()
                .report(new Event.TunnelNotice(rules.peer().site(), rules.peer().gateway(), what, lane + detail));
    }

    private String localText(@Nullable Association association) {
        String local = association == null ? null : environment.sockets().text(association.local());
        return local == null ? "-" : local;
    }

    private Event event(TunnelRules rules, Report report, String called) {
        String site = rules.peer().site();
        String gateway = rules.peer().gateway();
        String label = report.event().label();
        Association association = tunnel.lane(rules.lane()).sending();
        return switch (report.event()) {
            case UP ->
                association == null
                        ? new Event.TunnelNotice(site, gateway, label, report.detail())
                        : new Event.TunnelUp(
                                site,
                                gateway,
                                association.role().name().toLowerCase(Locale.ROOT),
                                association.cipherSuite(),
                                localText(association),
                                environment.remoteOf(association));
            case REKEYED ->
                new Event.TunnelRekeyed(site, gateway, tunnel.counters().get(TunnelCounter.REKEYS));
            case HANDSHAKE_FAILED -> new Event.HandshakeFailed(site, gateway, called, report.detail());
            case PEER_LOST, PEER_CLOSED, PEER_STOPPED -> new Event.TunnelDown(site, gateway, label);
            case PATH_CHANGED, ROAMED ->
                new Event.TunnelNotice(site, gateway, label, report.detail() + " from " + localText(association));
            case PATH_MTU, PEER_RESTARTED, GREETING_LOST, PEER_DRAINS, PEER_STAYS, STOPPED ->
                new Event.TunnelNotice(site, gateway, label, report.detail());
            case VERSION_REFUSED, HARD_LIMIT, PEER_REFUSED ->
                new Event.TunnelAlarm(site, gateway, label, report.detail());
        };
    }
}
