package net.vgate.packet;

/**
 * An address of a host and how much of it is the link's prefix, RFC 4291 section 2.3. {@code length} counts in the
 * address's own family.
 */
public record InterfaceAddress(IpAddress address, int length) {
    /** The addresses that are on the link. */
    public Prefix link() {
        return Prefix.around(address, length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
