package dev.writebehind.config;

/** The test for loopback hosts, without asking a name server; stateless. */
public final class Loopback {
    private Loopback() {}

    /** Whether that host, as settings or requests name it, is this machine alone. */
    public static boolean is(String host) {
        return host.equals("localhost")
                || host.equals("::1")
                || host.equals("[::1]")
                || host.matches("127(\\.\\d{1,3}){3}");
    }
}
