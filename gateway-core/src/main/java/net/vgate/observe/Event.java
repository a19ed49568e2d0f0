package net.vgate.observe;

import java.time.Instant;

/**
 * Everything that the gateway logs, beside faults of the program. A record's name and components are the line's:
 * {@code TunnelDown("west", "west-1", "no answer")} is {@code event=tunnel_down peer=west gateway=west-1 reason="no
 * answer"}. Nothing secret is ever a component.
 */
public sealed interface Event {
    /** How much it matters. */
    default Severity severity() {
        return Severity.INFO;
    }

    /**
     * What it is about: repeats are limited for each kind of event and each of these by itself. Never anything that a
     * stranger can choose, for each new one could be logged.
     */
    default String about() {
        return "";
    }

    /** The priorities of the system log that are in use, by their numbers. */
    enum Severity {
        ERROR(3),
        WARNING(4),
        INFO(6);

        private final int priority;

        Severity(int priority) {
            this.priority = priority;
        }

        int priority() {
            return priority;
        }
    }

    /** The gateway carries traffic from now on. */
    record GatewayStarted(String site, String gateway, String version, String file, String udp) implements Event {}

    /** The gateway was told to stop. */
    record GatewayStopping(String why) implements Event {}

    /** The gateway has stopped; its devices and routes are gone. */
    record GatewayStopped(double uptimeSeconds) implements Event {}

    /** A new configuration is in use. */
    record ReloadApplied(String file, long generation, int changes) implements Event {}

    /** A configuration was refused, and the one before runs on. One line for each problem. */
    record ReloadRefused(String file, String problem) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return problem;
        }
    }

    /** An operator has changed who is a member. */
    record MembersChanged(String vnet, String did, int count, String members, long revision) implements Event {
        @Override
        public String about() {
            return vnet;
        }
    }

    /** The directory's file ended in a change that nobody was told to have been taken; it does not count. */
    record DirectoryTailDiscarded(String file, long bytes) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }
    }

    /** Session keys are written to a file: whoever has it can read the traffic. */
    record KeyLogActive(String file) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }
    }

    /** A certificate is about to expire, ours or a peer's. */
    record CertificateExpiring(String whose, Instant expires) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return whose;
        }
    }

    /** An authority meant to write a new revocation list by {@code due}; the one that is here goes on to count. */
    record RevocationListOverdue(String authority, Instant due) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return authority;
        }
    }

    /** A tunnel carries data from now on. */
    record TunnelUp(String peer, String gateway, String role, String suite, String local, String remote)
            implements Event {
        @Override
        public String about() {
            return peer + "/" + gateway;
        }
    }

    /** A tunnel carries no data any more, until it is up again. */
    record TunnelDown(String peer, String gateway, String reason) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return peer + "/" + gateway;
        }
    }

    /** A tunnel's association was replaced, without a pause. */
    record TunnelRekeyed(String peer, String gateway, long rekeys) implements Event {
        @Override
        public String about() {
            return peer + "/" + gateway;
        }
    }

    /** The gateway wants to be without flows, or takes them again. */
    record GatewayDraining(boolean draining) implements Event {}

    /** Flows to a site take another gateway of it; {@code seconds} after the last one was heard of, if it is gone. */
    record FlowsMoved(String peer, String from, String to, double seconds) implements Event {
        @Override
        public String about() {
            return peer;
        }
    }

    /** This gateway passes on from one gateway to another from now on, or does not any more. */
    record RelayWay(String from, String to, boolean open) implements Event {
        @Override
        public String about() {
            return from + " " + to;
        }
    }

    /** A peer has asked this gateway to pass on to another, and may not. */
    record RelayRefused(String peer, String gateway, String to, String reason) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return peer + "/" + gateway;
        }
    }

    /** Something else in a tunnel's life. */
    record TunnelNotice(String peer, String gateway, String what, String detail) implements Event {
        @Override
        public String about() {
            return peer + "/" + gateway + " " + what;
        }
    }

    /** Something in a tunnel's life that a person should look at. */
    record TunnelAlarm(String peer, String gateway, String what, String detail) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return peer + "/" + gateway + " " + what;
        }
    }

    /** A handshake with a configured peer came to nothing. */
    record HandshakeFailed(String peer, String gateway, String remote, String reason) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String about() {
            return peer + "/" + gateway;
        }
    }

    /** Somebody who is no configured peer was turned away. */
    record HandshakeRefused(String remote, String reason) implements Event {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }
    }

    /** A V-net's device failed. */
    record DeviceFailed(String vnet, String device, String reason) implements Event {
        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String about() {
            return vnet;
        }
    }

    /** A thread of the gateway ended by a fault. */
    record ThreadFailed(String thread, String reason) implements Event {
        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String about() {
            return thread;
        }
    }

    /** Lines of one kind that were left out, when no further one came to say so. */
    record RepeatsSuppressed(String of, String about, long suppressed) implements Event {}
}
