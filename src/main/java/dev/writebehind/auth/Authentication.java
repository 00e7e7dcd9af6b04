package dev.writebehind.auth;

/** The outcome of authenticating a request. */
public sealed interface Authentication permits Caller, Refusal {}
