package dev.writebehind.http;

/** The observer of requests, told once each has been answered or its connection is gone. Safe for any thread. */
public interface RequestObserver {
    /** Observes nothing. */
    RequestObserver NONE = (route, status, nanos) -> {};

    /** The status of a request whose connection was gone before its answer was. */
    int ABORTED = 0;

    /**
     * Takes note of a request.
     *
     * @param route the path of its resource
     * @param nanos from its head to the end of its answer
     */
    void answered(String route, int status, long nanos);
}
