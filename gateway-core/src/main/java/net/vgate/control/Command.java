package net.vgate.control;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.config.GatewayConfig;
import net.vgate.handshake.HandshakeFailure;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.record.PeerIdentity;

/** What other threads ask of the conductor. */
public sealed interface Command {
    /** A handshake that we started has succeeded. */
    record Connected(int attempt, Association association) implements Command {}

    /** A handshake that a peer started has succeeded. */
    record Accepted(Association association) implements Command {}

    /** A handshake that we started has failed. */
    record ConnectFailed(PeerIdentity peer, int attempt, HandshakeFailure failure) implements Command {}

    /** A peer closed an association, by close_notify or a fatal alert. */
    record ClosedByPeer(Association association) implements Command {}

    /** An authenticated control message has come, from an address that its association may not know. */
    record ControlArrived(Association association, ByteBuffer body, Path from) implements Command {}

    /** A target behind the peer of an association has answered the ping with that number. */
    record TargetAnswered(Association association, long number) implements Command {}

    /** The newest record of an association came from elsewhere than we send to. */
    record SeenElsewhere(Association association) implements Command {}

    /** The stream that {@code stream} stands for is over. */
    record StreamEnded(InetSocketAddress stream) implements Command {}

    /** A worker could not read a device any more. */
    record DeviceFailed(PacketDevice device, DeviceException cause) implements Command {}

    /** Go by {@code config} from now on. Answers with the new generation, or fails with why it was refused. */
    record Reload(GatewayConfig config, CompletableFuture<Long> done) implements Command {}

    /** Something to be read or done between two commands, by the conductor's thread. */
    record Run(Runnable action) implements Command {}

    /** End all tunnels, then the thread. */
    record Stop() implements Command {}
}
