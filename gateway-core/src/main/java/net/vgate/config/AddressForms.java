package net.vgate.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/** Forms of addresses, prefixes and sockets. Names are not looked up: that has no place in reading a configuration. */
final class AddressForms {
    /** What no member can have, nor be reached at through a V-net: RFC 6890, and section 5 of the architecture. */
    private static final List<Special> SPECIAL = List.of(
            Special.of("0.0.0.0/8", "this network"),
            Special.of("127.0.0.0/8", "loopback"),
            Special.of("169.254.0.0/16", "link-local"),
            Special.of("224.0.0.0/4", "multicast"),
            Special.of("240.0.0.0/4", "reserved"),
            Special.of("::/127", "unspecified or loopback"),
            Special.of("fe80::/10", "link-local"),
            Special.of("ff00::/8", "multicast"));

    private static final Pattern PORT = Pattern.compile("\\d{1,5}");
    private static final String NO_PORT = "write 1 to 65535 after the last colon";

    /** A host's name: RFC 1123 section 2.1, whose last label is not all digits; in ASCII, so RFC 5890's A-labels. */
    private static final Pattern NAME = Pattern.compile(
            "(?i)(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*(?!\\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private AddressForms() {}

    /** Addresses of members, or of a part of them. */
    static Form<Prefix> prefix() {
        return new Compact(
                Form.ofText("a prefix, as 10.0.0.0/24 or 2001:db8::/64, or one address", AddressForms::readPrefix));
    }

    /** The side of a policy rule: also every address of a family. */
    static Form<Prefix> match() {
        return Form.ofText("a prefix, as 10.0.0.0/24 or 2001:db8::/64, or one address", AddressForms::readMatch);
    }

    /** The gateway's own address in a V-net. */
    static Form<Prefix> host() {
        return Form.ofText("one address, as 10.0.0.254/32 or 2001:db8::fe/128", text -> {
            Form.Reading<Prefix> reading = readPrefix(bare(text));
            boolean isWide = text.contains("/") && !text.endsWith("/32") && !text.endsWith("/128");
            if (reading.value().isEmpty() || (isWide && !text.matches(".*/\\d{1,3}"))) {
                return reading.value().isEmpty() ? reading : Form.Reading.wrong("is no address");
            }
            Prefix host = reading.value().get();
            return isWide || (text.contains("/") && Prefix.parse(text).isEmpty())
                    ? Form.Reading.wrong(
                            "is a network's address", "write " + host + ": routes come from members and remote")
                    : reading;
        });
    }

    /** The gateway's own address on a link, and the link's prefix. */
    static Form<InterfaceAddress> onLink() {
        return Form.ofText("an address and a prefix length, as 10.0.0.254/24 or 2001:db8::fe/64", text -> {
            Form.Reading<Prefix> host = readPrefix(bare(text));
            if (host.value().isEmpty()) {
                return host.map(prefix -> new InterfaceAddress(prefix.network(), prefix.length()));
            }
            IpAddress address = host.value().get().network();
            String length = text.substring(Math.min(text.length(), bare(text).length() + 1));
            if (!length.matches("[1-9]\\d{0,2}") || Integer.parseInt(length) > address.bits()) {
                return Form.Reading.wrong(
                        "has no prefix length", "write 1 to " + address.bits() + " after a slash: what is on the link");
            }
            return onLink(new InterfaceAddress(address, Integer.parseInt(length)));
        });
    }

    /** RFC 1122 section 3.2.1.3, RFC 3021, RFC 4291 section 2.6.1: some addresses of a link are no host's. */
    private static Form.Reading<InterfaceAddress> onLink(InterfaceAddress own) {
        IpAddress address = own.address();
        int hostBits = address.bits() - own.length();
        long hosts = hostBits >= Long.SIZE ? -1L : (1L << hostBits) - 1;
        boolean isFirst = hostBits > 1 && own.link().network().equals(address);
        boolean isLast = hostBits > 1 && address.isIpv4() && (address.lo() & hosts) == hosts;
        return isFirst || isLast
                ? Form.Reading.wrong("is no host's address in " + own.link(), "choose another one in there")
                : Form.Reading.of(own);
    }

    /** Of a station. */
    static Form<MacAddress> mac() {
        return Form.ofText("an Ethernet address, as 02:00:5e:00:01:01", text -> {
            Optional<MacAddress> mac = MacAddress.parse(text);
            if (mac.isEmpty()) {
                return Form.Reading.wrong("is no Ethernet address");
            }
            return MacAddress.isUnicast(mac.get().bits())
                    ? Form.Reading.of(mac.get())
                    : Form.Reading.wrong("is no single station's address", "let its first octet be even, as 02");
        });
    }

    private static String bare(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }

    /** Where to listen. */
    static Form<InetSocketAddress> listening() {
        return Form.ofText("ADDRESS:PORT, as 0.0.0.0:4433 or [::]:4433", text -> readSocket(text, true));
    }

    /** Where a peer listens. */
    static Form<Endpoint> destination() {
        return Form.ofText(
                "ADDRESS:PORT or NAME:PORT, as 198.51.100.2:4433, [2001:db8::2]:4433 or gw.example.net:4433", text -> {
                    int colon = text.indexOf(':');
                    String host = colon < 0 ? text : text.substring(0, colon);
                    return NAME.matcher(host).matches()
                            ? readName(host, colon < 0 ? "" : text.substring(colon + 1))
                            : readSocket(text, false).map(Endpoint::of);
                });
    }

    private static Form.Reading<Endpoint> readName(String name, String port) {
        if (port.isEmpty()) {
            return Form.Reading.wrong("has no port", "write " + name + ":4433");
        }
        return isPort(port)
                ? Form.Reading.of(new Endpoint(name.toLowerCase(Locale.ROOT), Integer.parseInt(port)))
                : Form.Reading.wrong("has no port that there is", NO_PORT);
    }

    private static boolean isPort(String port) {
        return PORT.matcher(port).matches() && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535;
    }

    private static Form.Reading<Prefix> readPrefix(String text) {
        Form.Reading<Prefix> reading = readMatch(text);
        return reading.value()
                .flatMap(AddressForms::special)
                .map(special -> Form.Reading.<Prefix>wrong(
                        "is " + special.what + " (" + special.prefix + ")", "such addresses never cross a V-net"))
                .orElse(reading);
    }

    private static Form.Reading<Prefix> readMatch(String text) {
        Optional<Prefix> prefix = Prefix.parse(text);
        if (prefix.isPresent()) {
            return Form.Reading.of(prefix.get());
        }
        int slash = text.indexOf('/');
        Optional<IpAddress> address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty() || slash < 0) {
            return Form.Reading.wrong("is neither a prefix nor an address");
        }
        String length = text.substring(slash + 1);
        int bits = address.get().bits();
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > bits) {
            return Form.Reading.wrong("has no prefix length", "write 0 to " + bits + " after the slash");
        }
        Prefix around = Prefix.around(address.get(), Integer.parseInt(length));
        return Form.Reading.wrong(
                "has bits set after its first " + length,
                "write " + around + ", or " + address.get() + "/" + bits + " for one address");
    }

    private static Optional<Special> special(Prefix prefix) {
        return SPECIAL.stream().filter(special -> special.contains(prefix)).findFirst();
    }

    private static Form.Reading<InetSocketAddress> readSocket(String text, boolean mayBeWildcard) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String port = colon < 0 ? "" : text.substring(colon + 1);
        boolean inBrackets = host.startsWith("[") && host.endsWith("]");
        if (IpAddress.parse(text).isPresent()) {
            String bracketed = text.contains(":") ? "[" + text + "]" : text;
            return Form.Reading.wrong("has no port", "write " + bracketed + ":4433");
        }
        Optional<IpAddress> address = IpAddress.parse(inBrackets ? host.substring(1, host.length() - 1) : host);
        if (address.isEmpty() || inBrackets == address.get().isIpv4()) {
            return Form.Reading.wrong("is not an address and a port");
        }
        if (!isPort(port)) {
            return Form.Reading.wrong("has no port that there is", NO_PORT);
        }
        InetSocketAddress socket = new InetSocketAddress(address.get().toInetAddress(), Integer.parseInt(port));
        if (socket.getAddress().isMulticastAddress() || text.startsWith("255.255.255.255:")) {
            return Form.Reading.wrong("is no single gateway's address");
        }
        if (socket.getAddress().isAnyLocalAddress() && !mayBeWildcard) {
            return Form.Reading.wrong("is every address", "write the one at which the peer is reached");
        }
        return Form.Reading.of(socket);
    }

    /** Of which there may be a million. */
    private record Compact(Form<Prefix> form) implements Form<Prefix> {
        @Override
        public Optional<Prefix> read(YamlNode node, Spot spot, Problems problems) {
            return form.read(node, spot, problems);
        }

        @Override
        public String allowed() {
            return form.allowed();
        }

        @Override
        public Items<Prefix> newItems() {
            PrefixList.Builder builder = new PrefixList.Builder();
            return new Items<>() {
                @Override
                public void add(Prefix prefix) {
                    builder.add(prefix);
                }

                @Override
                public List<Prefix> build() {
                    return builder.build();
                }
            };
        }
    }

    private record Special(Prefix prefix, String what) {
        static Special of(String prefix, String what) {
            return new Special(Prefix.parse(prefix).orElseThrow(), what);
        }

        boolean contains(Prefix other) {
            return other.length() >= prefix.length() && prefix.contains(other.network());
        }
    }
}
