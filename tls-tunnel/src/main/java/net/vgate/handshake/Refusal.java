package net.vgate.handshake;

/** Why a peer's certificates are not accepted, and the details for our side's eyes. */
record Refusal(FailureReason reason, String detail) {}
