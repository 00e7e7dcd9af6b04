package dev.writebehind.auth;

/** What came of asking who a request is from. */
public sealed interface Authentication permits Caller, Refusal {}
