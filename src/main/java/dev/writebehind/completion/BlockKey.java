package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * The usage key of a block; immutable. Two spellings that differ only in letter case are equal, as they are in the
 * table.
 *
 * @param value 1 to 255 characters, spelled as received
 * @param folded the value with A to Z in lower case, by which keys compare
 * @param isAscii whether it has no other characters: such keys are equal to the table as they are here
 * @param blockType 1 to 64 characters, as stored in {@code block_type}; {@link #UNKNOWN_TYPE} for opaque keys
 * @param form which of Open edX's spellings the value follows
 */
public record BlockKey(String value, String folded, boolean isAscii, String blockType, Form form) {
    /** The block type of a key that does not tell its type. */
    public static final String UNKNOWN_TYPE = "unknown";

    public BlockKey {
        requireNonNull(value, "value");
        requireNonNull(folded, "folded");
        requireNonNull(blockType, "blockType");
        requireNonNull(form, "form");
    }

    /** The spellings of Open edX's usage keys. */
    public enum Form {
        /** {@code block-v1:Org+Course+Run+type@type+block@id}, with or without branch and version. */
        BLOCK,
        /** {@code i4x://Org/Course/type/id}, the deprecated form. */
        LOCATION,
        /** {@code lib-block-v1:Org+Library+type@type+block@id}. */
        LEGACY_LIBRARY_BLOCK,
        /** {@code lb:Org:slug:type:id}. */
        LIBRARY_BLOCK,
        /** {@code ccx-block-v1:Org+Course+Run+ccx@number+type@type+block@id}, a block of a custom course. */
        CCX_BLOCK,
        /** {@code aside-usage-v1:…} and {@code aside-usage-v2:…}: what stands beside a block, and has its type. */
        ASIDE,
        /** Anything else: stored as it is. */
        OPAQUE;

        /** Returns how a text is spelled, whether or not it can be stored. */
        public static Form of(String value) {
            return KeyForms.block(value).form();
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof BlockKey key && folded.equals(key.folded));
    }

    @Override
    public int hashCode() {
        return folded.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
