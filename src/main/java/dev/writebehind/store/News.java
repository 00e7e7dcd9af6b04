package dev.writebehind.store;

/** Of how many of a batch's rows the LMS has to be told, because their callers do not. */
enum News {
    ALL,
    SOME,
    NONE
}
