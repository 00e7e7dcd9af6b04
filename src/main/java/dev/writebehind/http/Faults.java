package dev.writebehind.http;

/**
 * The wording of faults in a part of a request that is not valid; immutable.
 *
 * @param part which part that is, as a sentence begins
 */
record Faults(String part) {
    void require(boolean condition, String fault) {
        if (!condition) {
            throw of(fault);
        }
    }

    /** Shows the octet only if it must: this is called for every one. */
    void require(boolean condition, String fault, byte octet) {
        if (!condition) {
            throw of(fault + Octets.shown(octet));
        }
    }

    MalformedRequestException of(String fault) {
        return new MalformedRequestException(Malformed.notHttp(part + " not valid: " + fault));
    }
}
