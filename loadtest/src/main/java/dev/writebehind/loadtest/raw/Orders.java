package dev.writebehind.loadtest.raw;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * The conversation of a measuring process with who started it: orders on standard input, for each a line of JSON on
 * standard output. Ends with the input. Used by the main thread.
 */
public final class Orders {
    private Orders() {}

    /** Who carries them out. */
    public interface Worker {
        /**
         * Works for that long.
         *
         * @param rate pieces of work due in a second; 0: one after the other, as fast as it goes
         * @return a line of JSON
         */
        String go(double seconds, double rate) throws Exception;

        /** Works until that share of everything was done once; returns a line of JSON. */
        String all(double share) throws Exception;

        /** Leaves behind what is to be compared. */
        void end() throws IOException;
    }

    /** Carries out {@code go SECONDS RATE}, {@code all SHARE} and {@code end} until the input ends. */
    public static void obey(Worker worker) throws Exception {
        System.out.println("Ready");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "go" -> System.out.println(worker.go(Double.parseDouble(words[1]), Double.parseDouble(words[2])));
                case "all" -> System.out.println(worker.all(Double.parseDouble(words[1])));
                case "end" -> {
                    worker.end();
                    System.out.println("{\"end\":true}");
                }
                default -> throw new IllegalArgumentException("unknown order: " + line);
            }
        }
    }
}
