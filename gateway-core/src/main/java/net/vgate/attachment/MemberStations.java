package net.vgate.attachment;

import org.jspecify.annotations.Nullable;

/**
 * Where the members of one V-net have to be on its link of Ethernet, whatever the link says.
 *
 * <p><b>Threading.</b> Any thread; no look-up takes a lock or allocates.
 */
public interface MemberStations {
    /** Everybody may be anywhere. */
    MemberStations ANY = new MemberStations() {
        @Override
        public boolean areWritten() {
            return false;
        }

        @Override
        public @Nullable MemberStation station(long hi, long lo) {
            return null;
        }
    };

    /** Whether there may be any that has to be somewhere. */
    boolean areWritten();

    /** Where the member of an address has to be; null is anywhere. */
    @Nullable
    MemberStation station(long hi, long lo);
}
