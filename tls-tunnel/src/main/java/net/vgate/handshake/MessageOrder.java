package net.vgate.handshake;

import net.vgate.record.Role;
import org.bouncycastle.tls.HandshakeType;

/** Which message of the peer may come next in a full handshake with certificates, RFC 5246 section 7.3. */
final class MessageOrder {
    private final Role role;
    private int last = -1;

    private boolean byPresharedKey;

    MessageOrder(Role role) {
        this.role = role;
        if (role == Role.SERVER) {
            last = HandshakeType.client_hello;
        }
    }

    /** The handshake is one by a pre-shared key, RFC 5489: nobody sends a certificate. */
    void expectNoCertificates() {
        byPresharedKey = true;
    }

    /** Whether the peer sends such messages at all, from now until it changes to protected records. */
    boolean isPossible(int type) {
        return role == Role.SERVER
                ? switch (type) {
                    case HandshakeType.certificate,
                            HandshakeType.client_key_exchange,
                            HandshakeType.certificate_verify -> true;
                    default -> false;
                }
                : switch (type) {
                    case HandshakeType.hello_verify_request,
                            HandshakeType.server_hello,
                            HandshakeType.certificate,
                            HandshakeType.certificate_status,
                            HandshakeType.server_key_exchange,
                            HandshakeType.certificate_request,
                            HandshakeType.server_hello_done -> true;
                    default -> false;
                };
    }

    /** Whether a message of this type may be the next one. */
    boolean isNext(int type) {
        return switch (last) {
            case -1 -> type == HandshakeType.hello_verify_request || type == HandshakeType.server_hello;
            case HandshakeType.hello_verify_request -> type == HandshakeType.server_hello;
            case HandshakeType.client_hello ->
                type == (byPresharedKey ? HandshakeType.client_key_exchange : HandshakeType.certificate);
            case HandshakeType.server_hello ->
                type == (byPresharedKey ? HandshakeType.server_key_exchange : HandshakeType.certificate);
            case HandshakeType.certificate ->
                role == Role.SERVER
                        ? type == HandshakeType.client_key_exchange
                        : type == HandshakeType.server_key_exchange || type == HandshakeType.certificate_status;
            case HandshakeType.certificate_status -> type == HandshakeType.server_key_exchange;
            case HandshakeType.server_key_exchange ->
                type == HandshakeType.server_hello_done
                        || (type == HandshakeType.certificate_request && !byPresharedKey);
            case HandshakeType.certificate_request -> type == HandshakeType.server_hello_done;
            case HandshakeType.client_key_exchange -> type == HandshakeType.certificate_verify && !byPresharedKey;
            default -> false;
        };
    }

    void advance(int type) {
        last = type;
    }

    /** Whether a server asked for a cookie and has not said more since. */
    boolean isAwaitingServerHello() {
        return last == HandshakeType.hello_verify_request;
    }

    /** Whether all that remains is the peer's Finished, in a protected record. */
    boolean isFinishedNext() {
        return last == HandshakeType.server_hello_done
                || last == HandshakeType.certificate_verify
                || (byPresharedKey && last == HandshakeType.client_key_exchange);
    }
}
