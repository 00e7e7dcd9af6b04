package dev.writebehind.buffer;

import java.util.ArrayList;
import java.util.List;

/**
 * Those who wait for the changes of one key, in the order in which these were received. Guarded by the
 * {@link LearnerEntry} that holds the key.
 */
final class Tickets {
    private static final int BEFORE_PRUNING = 16;

    private List<Waiting> pending = List.of();
    private List<Waiting> inFlight = List.of();

    /** @param receivedAt receipt of the last of the changes of the key that the ticket is for, microseconds */
    private record Waiting(FlushTicket ticket, long receivedAt) {
        boolean isOver() {
            return ticket.isOver();
        }
    }

    boolean isEmpty() {
        return pending.isEmpty() && inFlight.isEmpty();
    }

    /** Whether somebody waits for what waits. */
    boolean arePending() {
        return !pending.isEmpty();
    }

    void attach(FlushTicket ticket, long receivedAt) {
        Waiting waiting = new Waiting(ticket, receivedAt);
        int last = pending.size() - 1;
        if (last >= 0 && pending.get(last).ticket() == ticket) {
            pending.set(last, waiting); // the request writes this key more than once
            return;
        }
        if (last < 0) {
            pending = new ArrayList<>(1);
        } else if (pending.size() % BEFORE_PRUNING == 0) {
            pending.removeIf(Waiting::isOver);
        }
        ticket.attach();
        pending.add(waiting);
    }

    /** What waits moves into flight. */
    void launch() {
        inFlight = pending;
        pending = List.of();
    }

    /** What is in flight waits again, before what came after it. */
    void release() {
        if (!inFlight.isEmpty()) {
            List<Waiting> all = new ArrayList<>(inFlight);
            all.addAll(pending);
            pending = all;
            inFlight = List.of();
        }
    }

    List<FlushTicket> takeInFlight() {
        List<FlushTicket> served = tickets(inFlight);
        inFlight = List.of();
        return served;
    }

    List<FlushTicket> takePending() {
        List<FlushTicket> undone = tickets(pending);
        pending = List.of();
        return undone;
    }

    /** Takes those who wait for what was received up to then alone. */
    List<FlushTicket> takePending(long upTo) {
        List<Waiting> served =
                pending.stream().filter(each -> each.receivedAt() <= upTo).toList();
        pending = new ArrayList<>(
                pending.stream().filter(each -> each.receivedAt() > upTo).toList());
        return tickets(served);
    }

    private static List<FlushTicket> tickets(List<Waiting> waiting) {
        return waiting.isEmpty()
                ? List.of()
                : waiting.stream().map(Waiting::ticket).toList();
    }
}
