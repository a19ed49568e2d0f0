package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import net.vgate.tunnel.AssociationState.Phase;
import org.jspecify.annotations.Nullable;

/** The associations of one tunnel in the order in which they were established: few, and never more than its bounds. */
final class AssociationSet {
    /**
     * How many may wait for a hello or its answer: first contact makes two, and a failed try leaves one for a while.
     */
    private static final int MAX_UNGREETED = 4;

    /** How many may be usable without being in use. */
    private static final int MAX_SPARE = 4;

    /** How many may drain; with a rekey every 100 ms the oldest has drained for a second. */
    private static final int MAX_RETIRED = 10;

    /** As many, and those whose client is about to say that they are over. */
    private static final int MAX_RETIRED_AS_SERVER = MAX_RETIRED + 2;

    private final List<AssociationState> all = new ArrayList<>();

    int size() {
        return all.size();
    }

    void add(AssociationState association) {
        all.add(association);
    }

    void remove(AssociationState association) {
        all.remove(association);
    }

    @Nullable
    AssociationState find(long id) {
        for (AssociationState association : all) {
            if (association.id == id) {
                return association;
            }
        }
        return null;
    }

    /** A copy, so that the caller may remove while it goes through. */
    List<AssociationState> matching(Predicate<AssociationState> wanted) {
        return all.stream().filter(wanted).toList();
    }

    /** Those that are too many, {@code inUse} spared: the oldest first. */
    List<AssociationState> excess(@Nullable AssociationState inUse) {
        List<AssociationState> excess = new ArrayList<>();
        collectExcess(excess, MAX_UNGREETED, one -> one.phase == Phase.UNGREETED);
        collectExcess(excess, MAX_UNGREETED, one -> one.phase == Phase.GREETING);
        collectExcess(excess, MAX_SPARE, one -> one.isUsable() && one != inUse);
        collectExcess(excess, MAX_RETIRED, one -> one.phase == Phase.RETIRED && one.client);
        collectExcess(excess, MAX_RETIRED_AS_SERVER, one -> one.phase == Phase.RETIRED && !one.client);
        return excess;
    }

    private void collectExcess(List<AssociationState> excess, int most, Predicate<AssociationState> kind) {
        List<AssociationState> these = matching(kind);
        excess.addAll(these.subList(0, Math.max(0, these.size() - most)));
    }

    /** The best usable one, or null. */
    @Nullable
    AssociationState best(boolean ownClientWins) {
        AssociationState best = null;
        for (AssociationState association : all) {
            if (association.isUsable() && (best == null || outranks(association, best, ownClientWins))) {
                best = association;
            }
        }
        return best;
    }

    /**
     * Whether {@code one} is to be used rather than {@code other}. Both ends come to the same answer: the higher
     * generation; of equal ones, as first contact makes them, the one whose client has the lower identity hash.
     */
    boolean outranks(AssociationState one, AssociationState other, boolean ownClientWins) {
        if (one.generation != other.generation) {
            return one.generation > other.generation;
        }
        if (one.client != other.client) {
            return one.client == ownClientWins;
        }
        return all.indexOf(one) > all.indexOf(other);
    }
}
