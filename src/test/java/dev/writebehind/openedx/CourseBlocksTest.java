package dev.writebehind.openedx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CourseBlocksTest {
    @ParameterizedTest
    @ValueSource(strings = {"i4x://O/C/problem/b", "block-v1:O+C+R+type@problem+block@b"})
    void location_takesItsRunFromTheCourse(String block) {
        assertThat(CourseBlocks.keyWithin("course-v1:O+C+R", block)).isEqualTo("block-v1:O+C+R+type@problem+block@b");
    }

    @ParameterizedTest
    @CsvSource({
        "course-v1:O+C+R, block-v1:O+C+R2+type@problem+block@b",
        "course-v1:O+C+R, block-v1:o+C+R+type@problem+block@b",
        "course-v1:O+C+R, block-v1:O+C+R+branch@draft+type@problem+block@b",
        "course-v1:O+C+R, lib-block-v1:O+C+type@problem+block@b",
        "course-v1:O+C+R, lb:O:C:problem:b",
        "course-v1:O+C+R, i4x://O/X/problem/b",
        "O/C/R, i4x://O/X/problem/b",
        "O/C/R, i4x://O/C/problem/b@draft",
        "O/C/R, block-v1:O+C+R+type@problem+block@b",
        "lib:O:slug, lb:O:slug2:problem:b",
        "library-v1:O+L, lib-block-v1:O+L2+type@problem+block@b",
    })
    void block_ofAnotherCourse_isRefused(String course, String block) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> CourseBlocks.keyWithin(course, block))
                .satisfies(e -> assertThat(e.answer())
                        .isEqualTo(Answer.bad("Block with key: '" + block + "' is not in context " + course)));
    }
}
