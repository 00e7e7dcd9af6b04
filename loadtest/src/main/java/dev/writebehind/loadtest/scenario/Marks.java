package dev.writebehind.loadtest.scenario;

/** Lines that a scenario prints for the process that started it; stateless. */
public final class Marks {
    /** Then the milliseconds until the schedule begins. */
    public static final String START_IN_MILLIS = "@start";

    private Marks() {}

    @SuppressWarnings("SystemOut") // it is what is read at the other end
    static void print(String mark, long value) {
        System.out.println(mark + " " + value);
        System.out.flush();
    }
}
