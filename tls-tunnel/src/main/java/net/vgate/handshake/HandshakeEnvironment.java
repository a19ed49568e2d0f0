package net.vgate.handshake;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import net.vgate.record.Aead;
import net.vgate.record.AssociationTable;
import org.jspecify.annotations.Nullable;

/**
 * What handshakes work with.
 *
 * @param sender sends datagrams
 * @param table gets the associations that are established, and gives out connection IDs
 * @param aead protects their records
 * @param random for keys, connection IDs and cookies
 * @param nanoClock the clock of the process; Bouncy Castle has its own for its timers
 * @param wallClock by which certificates are valid or not
 * @param keyLog gets secrets, for debugging; null is nobody
 */
public record HandshakeEnvironment(
        DatagramSender sender,
        AssociationTable table,
        Aead aead,
        SecureRandom random,
        LongSupplier nanoClock,
        InstantSource wallClock,
        @Nullable KeyLog keyLog) {}
