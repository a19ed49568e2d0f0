package net.vgate.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * A program of many clients, each from an address of its own in 198.18.0.0/15: they get a cookie, show it, and then say
 * nothing more. Those that were let in begin anew when the gateway has given them up, all others at once.
 *
 * <p>Arguments: the gateway's address and port, how many clients, for how many seconds.
 */
final class StallingClients {
    private static final int PORT = 40_000;
    private static final byte HANDSHAKE = 22;
    private static final byte SERVER_HELLO = 2;
    private static final byte HELLO_VERIFY_REQUEST = 3;

    /** After which a handshake counts as failed at the gateway. */
    private static final long GIVEN_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final SplittableRandom random = new SplittableRandom(1);
    private final InetSocketAddress gateway;
    private final Selector selector;

    private static final class Client {
        private byte[] clientRandom = new byte[0];
        private boolean isIn;
        private long since;
    }

    private StallingClients(InetSocketAddress gateway) throws IOException {
        this.gateway = gateway;
        this.selector = Selector.open();
    }

    public static void main(String[] args) throws IOException {
        StallingClients clients =
                new StallingClients(new InetSocketAddress(InetAddress.getByName(args[0]), Integer.parseInt(args[1])));
        clients.run(Integer.parseInt(args[2]), Duration.ofSeconds(Long.parseLong(args[3])));
    }

    private void run(int count, Duration duration) throws IOException {
        for (int i = 0; i < count; i++) {
            DatagramChannel channel = DatagramChannel.open();
            byte[] address = {(byte) 198, 18, (byte) (1 + i / 250), (byte) (1 + i % 250)};
            channel.bind(new InetSocketAddress(InetAddress.getByAddress(address), PORT));
            channel.connect(gateway);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, new Client());
        }
        long start = System.nanoTime();
        long letIn = 0;
        while (System.nanoTime() - start < duration.toNanos()) {
            for (SelectionKey key : selector.keys()) {
                begin(key);
                selector.selectNow();
                letIn += answer();
            }
            for (int quiet = 0; quiet < 3; quiet++) {
                selector.select(100);
                letIn += answer();
            }
            System.out.println("let in so far: " + letIn);
        }
    }

    private void begin(SelectionKey key) throws IOException {
        Client client = (Client) key.attachment();
        if (!client.isIn || System.nanoTime() - client.since > GIVEN_UP_NANOS) {
            client.isIn = false;
            client.clientRandom = ClientHello.random(random);
            send(key, ClientHello.of(client.clientRandom, new byte[0], 0));
        }
    }

    private static void send(SelectionKey key, byte[] datagram) throws IOException {
        ((DatagramChannel) key.channel()).write(ByteBuffer.wrap(datagram));
    }

    /** Shows the cookies that came. Returns how many clients were let in. */
    private int answer() throws IOException {
        int letIn = 0;
        ByteBuffer datagram = ByteBuffer.allocate(2_000);
        for (SelectionKey key : selector.selectedKeys()) {
            datagram.clear();
            int length = ((DatagramChannel) key.channel()).read(datagram);
            Client client = (Client) key.attachment();
            if (length < 27 || datagram.get(0) != HANDSHAKE || client.isIn) {
                continue;
            }
            if (datagram.get(13) == HELLO_VERIFY_REQUEST) {
                send(key, ClientHello.of(client.clientRandom, ClientHello.cookieOf(datagram), 1));
            } else if (datagram.get(13) == SERVER_HELLO) {
                client.isIn = true;
                client.since = System.nanoTime();
                letIn++;
            }
        }
        selector.selectedKeys().clear();
        return letIn;
    }
}
