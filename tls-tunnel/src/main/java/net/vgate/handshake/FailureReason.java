package net.vgate.handshake;

import java.util.Locale;
import org.bouncycastle.tls.AlertDescription;

/** Why a handshake came to nothing. A closed set: the lower-case name is the metric's label. */
public enum FailureReason {
    /** Not one answer came: the peer is away, or a firewall drops. */
    NO_ANSWER(AlertDescription.internal_error),
    /** It began and did not end in time. */
    TIMEOUT(AlertDescription.internal_error),
    /** The peer presented no certificate. */
    NO_CERTIFICATE(AlertDescription.handshake_failure),
    /** A certificate of the peer's chain is no longer valid. */
    EXPIRED(AlertDescription.certificate_expired),
    /** A certificate of the peer's chain is not valid yet. */
    NOT_YET_VALID(AlertDescription.bad_certificate),
    /** A certificate of the peer's chain is on a revocation list. */
    REVOKED(AlertDescription.certificate_revoked),
    /** The peer's chain leads to none of the authorities that are trusted here. */
    UNKNOWN_AUTHORITY(AlertDescription.unknown_ca),
    /** The peer's certificate may not be used for this, or one of its chain may not issue. */
    WRONG_USAGE(AlertDescription.unsupported_certificate),
    /** The peer's certificate cannot be read, is signed wrongly or with what is too weak. */
    BAD_CERTIFICATE(AlertDescription.bad_certificate),
    /** The peer's certificate does not name exactly one gateway. */
    NO_IDENTITY(AlertDescription.bad_certificate),
    /** The peer's certificate names a gateway that is not configured here. */
    UNKNOWN_PEER(AlertDescription.access_denied),
    /** The peer has a pre-shared key here, and came with a certificate. */
    WRONG_METHOD(AlertDescription.access_denied),
    /** At the address of the peer that was meant is another one. */
    WRONG_PEER(AlertDescription.access_denied),
    /** The peer turned us away. */
    REFUSED_BY_PEER(AlertDescription.close_notify),
    /** No version, cipher suite or extension that both ends want; or the peer broke the protocol. */
    PROTOCOL(AlertDescription.handshake_failure),
    /** A newer handshake from the same address took its place, or the gateway stops. */
    CANCELLED(AlertDescription.user_canceled),
    /** A fault of ours. */
    INTERNAL(AlertDescription.internal_error);

    private final short alert;
    private final String label = name().toLowerCase(Locale.ROOT);

    FailureReason(short alert) {
        this.alert = alert;
    }

    /** The alert that the peer is sent. */
    short alert() {
        return alert;
    }

    /** The name as metrics and JSON show it. */
    public String label() {
        return label;
    }
}
