package net.vgate.linux;

import java.util.function.LongSupplier;
import net.vgate.attachment.VtepRequest;
import net.vgate.forwarding.LostPackets;
import net.vgate.packet.IpAddress;

/**
 * A V-net's link behind a VTEP port, as all workers see it: an {@link EthernetLink} whose stations are behind locators.
 * Any thread.
 */
final class VtepLink {
    private final int vni;
    private final VtepLocators locators;
    private final EthernetLink ethernet;
    private volatile int mtuBytes;
    private volatile Allowed allowed = new Allowed(new int[0]);

    /** Which locators may speak: as a list, and as a set of bits. Immutable. */
    private static final class Allowed {
        final int[] numbers;
        final long[] bits;

        Allowed(int[] numbers) {
            this.numbers = numbers;
            int highest = 0;
            for (int number : numbers) {
                highest = Math.max(highest, number);
            }
            this.bits = new long[highest / Long.SIZE + 1];
            for (int number : numbers) {
                bits[number / Long.SIZE] |= 1L << number;
            }
        }

        boolean contains(int number) {
            int word = number / Long.SIZE;
            return number >= 0 && word < bits.length && (bits[word] >>> number & 1) != 0;
        }
    }

    VtepLink(VtepRequest request, VtepLocators locators, LongSupplier nanoClock, LostPackets lost) {
        this.vni = request.vni();
        this.locators = locators;
        this.ethernet = new EthernetLink(request.mac(), nanoClock, lost, locators::addressOf, this::allowedNumber);
        change(request);
    }

    /** Takes over addresses, members and locators; neighbors behind other locators are forgotten. */
    void change(VtepRequest request) {
        mtuBytes = request.mtuBytes();
        allowed = new Allowed(locators.numbersOf(request.locators()));
        ethernet.change(request.addresses(), request.members(), this::isAllowed);
    }

    int vni() {
        return vni;
    }

    /** The largest inner packet that goes to other sites. */
    int mtuBytes() {
        return mtuBytes;
    }

    EthernetLink ethernet() {
        return ethernet;
    }

    /** Whether the locator of a number, or {@link VtepLocators#UNKNOWN}, may speak for the V-net. */
    boolean isAllowed(int locator) {
        return allowed.contains(locator);
    }

    private int allowedNumber(IpAddress locator) {
        int number = locators.numberOf(locator);
        return isAllowed(number) ? number : VtepLocators.UNKNOWN;
    }

    /** The numbers of all locators that may speak; not to be changed. */
    int[] locators() {
        return allowed.numbers;
    }
}
