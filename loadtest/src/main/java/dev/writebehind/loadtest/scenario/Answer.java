package dev.writebehind.loadtest.scenario;

/** The outcome of a request; each kind is immutable. */
sealed interface Answer {
    /** The acceptance of a request: all of it was accepted. */
    record Accepted() implements Answer {}

    /** The refusal of a request: none of it was accepted or ever will be; why in a few words. */
    record Refused(String why) implements Answer {}

    /** An unknown outcome: it may or may not have been accepted; why in a few words. */
    record Unknown(String why) implements Answer {}

    /** A late acceptance: it was accepted, but is not yet where the caller wanted it. */
    record Late(String why) implements Answer {}

    /** The type of the service's problem (RFC 9457) that tells that a write may be kept all the same. */
    String NOT_ACKNOWLEDGED = "\"urn:completion-writebehind:not-acknowledged\"";

    /**
     * Judges an answer.
     *
     * @param status of HTTP; 0 if none came
     */
    static Answer of(int status, String body) {
        if (status == 200 || status == 202) {
            return new Accepted();
        }
        if (status == 0) {
            return new Unknown("no answer");
        }
        if (status == 504) {
            return new Late("504");
        }
        if (status == 503 && body.contains(NOT_ACKNOWLEDGED)) {
            return new Unknown("503, not acknowledged");
        }
        if (status == 503 || (status >= 400 && status < 500 && status != 422)) {
            return new Refused(String.valueOf(status));
        }
        return new Unknown(String.valueOf(status));
    }
}
