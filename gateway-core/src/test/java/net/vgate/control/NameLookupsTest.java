package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The clock is the test's, and so is the resolver, which answers when it is told to. */
class NameLookupsTest {
    private static final String NAME = "gw.west.test";

    private final Inbox<Command> inbox = new Inbox<>(1);
    private final BlockingQueue<List<InetAddress>> answers = new LinkedBlockingQueue<>();
    private final NameLookups lookups = new NameLookups(inbox, () -> now(), name -> {
        try {
            List<InetAddress> answer = answers.take();
            if (answer.isEmpty()) {
                throw new UnknownHostException(name + ": Name or service not known");
            }
            return answer;
        } catch (InterruptedException stopped) {
            throw new UnknownHostException("stopped");
        }
    });

    private long nowMillis = 1_000;
    private int changes;

    @AfterEach
    void close() {
        lookups.close();
    }

    private long now() {
        return TimeUnit.MILLISECONDS.toNanos(nowMillis);
    }

    private static InetAddress address(int last) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, (byte) last});
    }

    private void adopt() {
        lookups.onChange(() -> changes++);
        lookups.adopt(List.of(NAME), now());
    }

    /** Has the resolver answer, and the conductor hear of it. */
    private void answer(List<InetAddress> addresses) {
        answers.add(addresses);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            Command command = inbox.poll();
            while (command == null) {
                inbox.await(TimeUnit.MILLISECONDS.toNanos(10));
                command = inbox.poll();
            }
            ((Command.Run) command).action().run();
        });
    }

    private void pass(long millis) {
        nowMillis += millis;
        lookups.tick(now());
    }

    private long asked() {
        return lookups.status().get(0).lookups();
    }

    @Test
    void theResolverOfTheProcessKeepsNothing() {
        adopt();
        assertEquals("0", Security.getProperty("networkaddress.cache.ttl"));
        assertEquals("0", Security.getProperty("networkaddress.cache.negative.ttl"));
    }

    @Test
    void allAddressesOfANameCountAndAreLookedUpAnew() throws UnknownHostException {
        adopt();
        answer(List.of(address(2), address(3)));
        assertEquals(List.of(address(2), address(3)), lookups.addresses(NAME));

        pass(29_999);
        assertEquals(1, asked());
        pass(1);
        assertEquals(2, asked());
        answer(List.of(address(4)));

        assertEquals(List.of(address(4)), lookups.addresses(NAME));
        assertEquals(2, changes);
    }

    @Test
    void anotherOrderIsNothingNew() throws UnknownHostException {
        adopt();
        answer(List.of(address(2), address(3)));
        pass(30_000);
        answer(List.of(address(3), address(2)));

        assertEquals(List.of(address(2), address(3)), lookups.addresses(NAME));
        assertEquals(1, changes);
    }

    @Test
    void whatFailsIsCountedAndTheLastAddressesStay() throws UnknownHostException {
        adopt();
        answer(List.of(address(2)));
        pass(30_000);
        answer(List.of());

        assertEquals(List.of(address(2)), lookups.addresses(NAME));
        assertEquals("Name or service not known", lookups.failure(NAME));
        assertEquals(1, lookups.status().get(0).failures());

        pass(2_000);
        answer(List.of(address(2)));
        assertNull(lookups.failure(NAME));
        assertEquals(3, changes);
    }

    @Test
    void aResolverThatDoesNotAnswerHasFailedAndIsNotAskedTwice() throws UnknownHostException {
        adopt();
        pass(4_999);
        assertNull(lookups.failure(NAME));
        pass(1);
        assertEquals("no answer within 5 s", lookups.failure(NAME));
        pass(60_000);
        assertEquals(1, asked());

        answer(List.of(address(2)));
        assertEquals(List.of(address(2)), lookups.addresses(NAME));
        assertNull(lookups.failure(NAME));
        assertEquals(1, lookups.status().get(0).failures());
    }

    @Test
    void aPeerThatIsAwayIsLookedUpSoonerButNotAllTheTime() throws UnknownHostException {
        adopt();
        answer(List.of(address(2)));
        lookups.hurry(List.of(NAME), now());
        pass(1_999);
        assertEquals(1, asked());
        pass(1);
        assertEquals(2, asked());
        answer(List.of(address(2)));
        pass(10_000);
        lookups.hurry(List.of(NAME), now());
        pass(0);
        assertEquals(3, asked());
    }
}
