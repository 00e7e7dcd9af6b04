package dev.writebehind.loadtest.traffic;

import dev.writebehind.testing.DemoCourse;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of Open edX's demo course that report completion, in course order, and the keys of any number of runs of
 * it; immutable.
 */
public final class Course {
    private final List<Block> blocks;

    private Course(List<Block> blocks) {
        this.blocks = List.copyOf(blocks);
    }

    /** A leaf of the course. */
    record Block(String type, String id) {}

    /**
     * Returns the demo course with that many blocks: its beginning, or repeated with other ids where it is too short.
     */
    public static Course demo(int size) {
        List<Block> demo = read();
        List<Block> blocks = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Block block = demo.get(i % demo.size());
            int copy = i / demo.size();
            blocks.add(copy == 0 ? block : new Block(block.type(), block.id() + "c" + copy));
        }
        return new Course(blocks);
    }

    /** Returns how many blocks there are. */
    public int size() {
        return blocks.size();
    }

    Block block(int index) {
        return blocks.get(index);
    }

    /** Returns the key of a run of the course, from 0; a learner who has finished one goes on in the next. */
    public String courseKey(int run) {
        return "course-v1:" + name(run);
    }

    /** Returns the key of a block in a run. */
    public String blockKey(int run, int block) {
        Block at = blocks.get(block);
        return "block-v1:" + name(run) + "+type@" + at.type() + "+block@" + at.id();
    }

    private static String name(int run) {
        return run == 0 ? "OpenedX+DemoX+DemoCourse" : "OpenedX+DemoX+Run" + run;
    }

    private static List<Block> read() {
        return DemoCourse.blocks().stream()
                .filter(DemoCourse.Block::reports)
                .map(block -> new Block(
                        block.type(), block.key().substring(block.key().lastIndexOf('@') + 1)))
                .toList();
    }
}
