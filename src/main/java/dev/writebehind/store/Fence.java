package dev.writebehind.store;

import java.util.UUID;

public record Fence(String name, long epoch, UUID nonce) {}
