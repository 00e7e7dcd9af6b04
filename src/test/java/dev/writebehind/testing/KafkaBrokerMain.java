package dev.writebehind.testing;

import java.io.IOException;

/**
 * A Kafka broker that ends with the process that started it, however that one ends: its standard input does then. On
 * the class path of {@link KafkaBroker} alone, which is why it names the broker's class by a text.
 */
final class KafkaBrokerMain {
    private KafkaBrokerMain() {}

    /** Starts it with that file of properties. */
    public static void main(String[] args) throws ReflectiveOperationException {
        Thread watch = new Thread(KafkaBrokerMain::endWithParent, "watch of the parent");
        watch.setDaemon(true);
        watch.start();
        Class.forName("kafka.Kafka").getMethod("main", String[].class).invoke(null, (Object) args);
    }

    private static void endWithParent() {
        try {
            System.in.transferTo(System.err);
        } catch (IOException e) {
            System.err.println("the parent is gone: " + e);
        }
        Runtime.getRuntime().halt(1);
    }
}
