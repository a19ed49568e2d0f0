package net.vgate.record;

/** Which end of a DTLS handshake we were. */
public enum Role {
    /** We sent the first ClientHello. */
    CLIENT,
    /** We answered it. */
    SERVER
}
