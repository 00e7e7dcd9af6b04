package dev.writebehind.http;

/** The classes of bytes that RFC 9110, 9112 and 3986 allow in each place; stateless. */
final class Octets {
    /** Methods, field names, names in chunk extensions. */
    static final int TOKEN = 1;
    /** Request targets; the percent sign as well. */
    static final int TARGET = 1 << 1;
    /** Field values; obs-text as well. */
    static final int VALUE = 1 << 2;
    /** The value of {@code Host}: names, addresses, a port. */
    static final int HOST = 1 << 3;
    /** Within quotes, but for the quote and the backslash. */
    static final int QUOTED = 1 << 4;

    private static final byte[] KINDS = new byte[256];
    /** Letters in lower case; an underscore as a hyphen, for which some take it. */
    private static final byte[] FOLDED = new byte[256];

    static {
        String alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        allow(TOKEN, alphanumeric + "!#$%&'*+-.^_`|~");
        allow(TARGET, alphanumeric + "-._~:/?@!$&'()*+,;=%[]");
        allow(HOST, alphanumeric + "-._:[]");
        for (int i = 0; i < KINDS.length; i++) {
            boolean visible = (i >= ' ' && i < 0x7F) || i == '\t';
            if (visible || i >= 0x80) {
                KINDS[i] |= VALUE;
            }
            if (visible && i != '"' && i != '\\') {
                KINDS[i] |= QUOTED;
            }
            FOLDED[i] = (byte) (i == '_' ? '-' : i >= 'A' && i <= 'Z' ? i + ('a' - 'A') : i);
        }
    }

    private Octets() {}

    private static void allow(int kind, String characters) {
        characters.chars().forEach(c -> KINDS[c] |= (byte) kind);
    }

    /** Returns where the octets of that kind end: at another one or at the end. */
    static int end(int kind, byte[] octets, int from, int to) {
        byte[] kinds = KINDS;
        int at = from;
        while (at < to && (kinds[octets[at] & 0xFF] & kind) != 0) {
            at++;
        }
        return at;
    }

    static boolean is(int kind, byte octet) {
        return (KINDS[octet & 0xFF] & kind) != 0;
    }

    static byte folded(byte octet) {
        return FOLDED[octet & 0xFF];
    }

    /** Returns a hexadecimal digit's value; -1 if it is none. */
    static int hex(byte octet) {
        return octet >= '0' && octet <= '9'
                ? octet - '0'
                : octet >= 'a' && octet <= 'f'
                        ? octet - 'a' + 10
                        : octet >= 'A' && octet <= 'F' ? octet - 'A' + 10 : -1;
    }

    /** Returns an octet as an error can show it. */
    static String shown(byte octet) {
        return octet > ' ' && octet < 0x7F ? "'" + (char) octet + "'" : String.format("the byte 0x%02X", octet & 0xFF);
    }
}
