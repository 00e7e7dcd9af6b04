package dev.writebehind.completion;

/** A received change that the table is to show; immutable. All times are microseconds since the epoch, UTC. */
public sealed interface Change permits CoalescedWrite, CourseReset {
    /** Returns whose rows it concerns, and in which course. */
    LearnerCourse learnerCourse();

    /** Returns when the first of what it stands for was received, or something before that. */
    long firstReceivedAt();

    /** Returns when the last of what it stands for was received. */
    long receivedAt();
}
