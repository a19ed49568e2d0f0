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

/**
 * A program of many clients, each from an address of its own in 198.18.0.0/15: they get a cookie, show it, and then say
 * nothing more. When all have, they begin anew.
 *
 * <p>Arguments: the gateway's address and port, how many clients, for how many seconds.
 */
final class StallingClients {
    private static final int PORT = 40_000;

    private final SplittableRandom random = new SplittableRandom(1);
    private final InetSocketAddress gateway;
    private final Selector selector;

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
            channel.register(selector, SelectionKey.OP_READ, ClientHello.random(random));
        }
        long start = System.nanoTime();
        long stalled = 0;
        while (System.nanoTime() - start < duration.toNanos()) {
            for (SelectionKey key : selector.keys()) {
                byte[] clientRandom = ClientHello.random(random);
                key.attach(clientRandom);
                send(key, ClientHello.of(clientRandom, new byte[0], 0));
                selector.selectNow();
                stalled += answerCookies();
            }
            for (int quiet = 0; quiet < 3; quiet++) {
                selector.select(100);
                stalled += answerCookies();
            }
            System.out.println("stalled " + stalled);
        }
    }

    private static void send(SelectionKey key, byte[] datagram) throws IOException {
        ((DatagramChannel) key.channel()).write(ByteBuffer.wrap(datagram));
    }

    private int answerCookies() throws IOException {
        int answered = 0;
        ByteBuffer answer = ByteBuffer.allocate(2_000);
        for (SelectionKey key : selector.selectedKeys()) {
            answer.clear();
            int length = ((DatagramChannel) key.channel()).read(answer);
            boolean isHelloVerifyRequest = length > 27 && answer.get(0) == 22 && answer.get(13) == 3;
            if (isHelloVerifyRequest) {
                send(key, ClientHello.of((byte[]) key.attachment(), ClientHello.cookieOf(answer), 1));
                answered++;
            }
        }
        selector.selectedKeys().clear();
        return answered;
    }
}
