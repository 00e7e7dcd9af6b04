package dev.writebehind.loadtest.peers;

import dev.writebehind.testing.DemoCourse;
import dev.writebehind.testing.DemoCourse.Block;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The work that every engine is given: writes of learners, drawn evenly, to the demo course's blocks, drawn by Zipf's
 * law. The same for everybody; immutable.
 */
public final class PeerWork {
    private static final long SEED = 13;
    private static final int VALUES = 10_000;

    private final List<Block> blocks =
            DemoCourse.blocks().stream().filter(Block::reports).toList();
    private final int[] users;
    private final int[] ranks;

    /** Draws it; the learners' numbers begin with 1. */
    public PeerWork(int writes, int learners) {
        this(writes, learners, 1);
    }

    /**
     * Draws it.
     *
     * @param firstUser the learners' numbers begin here
     */
    public PeerWork(int writes, int learners, int firstUser) {
        Random random = new Random(SEED);
        double[] upTo = new double[blocks.size()];
        double sum = 0;
        for (int rank = 0; rank < upTo.length; rank++) {
            sum += 1.0 / (rank + 1);
            upTo[rank] = sum;
        }
        users = new int[writes];
        ranks = new int[writes];
        for (int i = 0; i < writes; i++) {
            users[i] = firstUser + random.nextInt(learners);
            double drawn = random.nextDouble() * sum;
            int rank = 0;
            while (upTo[rank] < drawn) {
                rank++;
            }
            ranks[i] = rank;
        }
    }

    /** Returns how many writes there are. */
    public int size() {
        return users.length;
    }

    /** Returns whose a write is. */
    public int user(int write) {
        return users[write];
    }

    /** Returns the block that it reports. */
    public Block block(int write) {
        return blocks.get(ranks[write]);
    }

    /** Returns its value. */
    public double value(int write) {
        return (write % VALUES) / (double) VALUES;
    }

    /** Returns what the table must hold: of each key the last value. */
    public Map<PeerKey, Double> expected() {
        Map<PeerKey, Double> expected = new HashMap<>();
        for (int i = 0; i < size(); i++) {
            expected.put(new PeerKey(user(i), block(i).courseKey(), block(i).key()), value(i));
        }
        return expected;
    }
}
