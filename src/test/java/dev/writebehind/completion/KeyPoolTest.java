package dev.writebehind.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.benmanes.caffeine.cache.Cache;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPoolTest {
    private static final String COURSE = "course-v1:O+C+R";
    private static final String BLOCK = "block-v1:O+C+R+type@html+block@b";
    private static final String EMOJI = "😀";

    private final KeyPool pool = new KeyPool();

    @Test
    void course_andBlock_ofTheSameStringTwice_areTheSameObject() {
        assertThat(pool.course(COURSE)).isSameAs(pool.course(copy(COURSE)));
        assertThat(pool.block(BLOCK)).isSameAs(pool.block(copy(BLOCK)));
    }

    @Test
    void keys_thatDifferInCaseOnly_areEqualAndKeepTheirSpelling() {
        CourseKey course = pool.course("course-v1:Örg+C+R");
        CourseKey shouted = pool.course("COURSE-V1:ÖRG+c+r");
        BlockKey block = pool.block("lb:O:слово:html:Id");
        BlockKey whispered = pool.block("lb:o:слово:HTML:id");

        assertThat(course).isEqualTo(shouted).hasSameHashCodeAs(shouted).isNotSameAs(shouted);
        assertThat(course.value()).isEqualTo("course-v1:Örg+C+R");
        assertThat(shouted.value()).isEqualTo("COURSE-V1:ÖRG+c+r");
        assertThat(block).isEqualTo(whispered).hasSameHashCodeAs(whispered);
        assertThat(whispered.blockType()).isEqualTo("HTML");
        assertThat(course)
                .as("which other letters are equal, the table knows")
                .isNotEqualTo(pool.course("course-v1:örg+C+R"));
        assertThat(course).isNotEqualTo(pool.course(COURSE)).isNotEqualTo(null);
        assertThat(block).isNotEqualTo(pool.block(BLOCK)).isNotEqualTo(null);
    }

    @Test
    void keys_of255Characters_areTaken() {
        for (String value : List.of("x".repeat(255), "ж".repeat(255), EMOJI.repeat(255))) {
            assertThat(pool.course(value).value()).isEqualTo(value);
            assertThat(pool.block(value).value()).isEqualTo(value);
        }
    }

    @Test
    void keys_of256Characters_areRefused() {
        for (String value : List.of("x".repeat(256), "ж".repeat(256), EMOJI.repeat(256), EMOJI.repeat(255) + "x")) {
            refuses(value, "must have at most 255 characters");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a\u0000b", "a\tb", "a\nb", "\n", "a\u001fb", "a\u007fb", "a\u0085b", "a\u009fb", "course\r\n"})
    void keys_withControlCharacters_areRefused(String value) {
        refuses(value, "must not contain control characters or unpaired surrogates");
    }

    @Test
    void keys_withUnpairedSurrogates_areRefused() {
        for (String value : List.of("a\ud83d", "\ude00a", "a\ude00\ud83db", "\ud83d\ud83d\ude00")) {
            refuses(value, "must not contain control characters or unpaired surrogates");
        }
        assertThat(pool.course("a" + EMOJI + "b").value()).isEqualTo("a😀b");
    }

    @ParameterizedTest
    @ValueSource(strings = {" a", "a ", " ", "\u2003a", "a\u3000"})
    void keys_withSurroundingBlanks_areRefused(String value) {
        refuses(value, "must not begin or end with white space");
    }

    @Test
    void keys_withBlanksInside_areTaken() {
        assertThat(pool.course("a b").form()).isEqualTo(CourseKey.Form.OPAQUE);
        assertThat(pool.block("a b").blockType()).isEqualTo(BlockKey.UNKNOWN_TYPE);
    }

    @Test
    void keys_thatAreEmpty_areRefused() {
        refuses("", "must not be empty");
    }

    @Test
    void block_withATypeOf64Characters_isTaken() {
        assertThat(pool.block(ofType("t".repeat(64))).blockType()).hasSize(64);
        assertThat(pool.block(ofType("𐐷".repeat(64))).blockType()).isEqualTo("𐐷".repeat(64));
    }

    @Test
    void block_withATypeOfMoreThan64Characters_isRefused() {
        for (String type : List.of("t".repeat(65), "𐐷".repeat(65))) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> pool.block(ofType(type)))
                    .extracting(InvalidKeyException::reason)
                    .isEqualTo("its block type has more than 64 characters");
        }
    }

    @Test
    void keys_thatWereRefused_areRefusedAgain() {
        refuses("", "must not be empty");
        refuses("", "must not be empty");
    }

    @Test
    void keys_thatNobodyHolds_areCollected_butForTheOnesFoundLast() throws ReflectiveOperationException {
        int found = 50_000;
        CourseKey held = pool.course(copy(COURSE));
        WeakReference<CourseKey> course = new WeakReference<>(pool.course("course-v1:O+C+nobody"));
        WeakReference<BlockKey> block = new WeakReference<>(pool.block(copy(BLOCK)));
        for (int i = 0; i < found; i++) {
            pool.course("course-v1:O+C+" + i);
            pool.block("lb:O:C:html:" + i);
        }

        for (int tries = 0; tries < 100 && (size("courses") > found / 10 || size("blocks") > found / 10); tries++) {
            System.gc();
        }

        assertThat(course.get()).isNull();
        assertThat(block.get()).isNull();
        assertThat(size("courses")).isLessThanOrEqualTo(found / 10);
        assertThat(size("blocks")).isLessThanOrEqualTo(found / 10);
        assertThat(pool.course(COURSE)).isSameAs(held);
    }

    private void refuses(String value, String reason) {
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> pool.course(value))
                .extracting(InvalidKeyException::reason)
                .isEqualTo(reason);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> pool.block(value))
                .extracting(InvalidKeyException::reason)
                .isEqualTo(reason);
    }

    private long size(String kind) throws ReflectiveOperationException {
        Field pooled = KeyPool.class.getDeclaredField(kind);
        pooled.setAccessible(true);
        Field all = pooled.getType().getDeclaredField("all");
        all.setAccessible(true);
        Cache<?, ?> entries = (Cache<?, ?>) all.get(pooled.get(pool));
        entries.cleanUp();
        return entries.estimatedSize();
    }

    private static String ofType(String type) {
        return "block-v1:O+C+R+type@" + type + "+block@b";
    }

    private static String copy(String value) {
        return new String(value.toCharArray());
    }
}
