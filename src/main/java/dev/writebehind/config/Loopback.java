package dev.writebehind.config;

/** Tells loopback hosts without asking a name server; stateless. */
final class Loopback {
    private Loopback() {}

    static boolean is(String host) {
        return host.equals("localhost")
                || host.equals("::1")
                || host.equals("[::1]")
                || host.matches("127(\\.\\d{1,3}){3}");
    }
}
