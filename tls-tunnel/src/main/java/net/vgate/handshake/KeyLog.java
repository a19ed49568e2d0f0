package net.vgate.handshake;

/** Gets the secrets of every handshake, for debugging with Wireshark. Whoever has them reads everything. */
@FunctionalInterface
public interface KeyLog {
    /** One line in NSS key log format, without its end. Any thread. */
    void log(String line);
}
