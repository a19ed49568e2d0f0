/**
 * DTLS handshakes: identities, credentials, cookies, record filter, bounded pool. Nobody else uses Bouncy Castle's TLS.
 */
@NullMarked
package net.vgate.handshake;

import org.jspecify.annotations.NullMarked;
