package dev.writebehind.completion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFormsTest {
    private static final Path DEMO_COURSE = Path.of("src/test/resources/demo-course-blocks.csv");

    @ParameterizedTest
    @CsvSource({
        "course-v1:OpenedX+DemoX+DemoCourse, COURSE",
        "course-v1:O+C+R+branch@draft-branch, COURSE",
        "course-v1:O+C+R+branch@published-branch+version@519665f6223ebd6980884f2b, COURSE",
        "course-v1:Ünïversität+物理学+осень_2026, COURSE",
        "course-v1:a.b~c-d_e:f+C+R, COURSE",
        "library-v1:O+L, LEGACY_LIBRARY",
        "library-v1:O+L+branch@library, LEGACY_LIBRARY",
        "lib:O:slug, LIBRARY",
        "lib:O:слово, LIBRARY",
        "O/C/R, SLASHED_COURSE",
        "edX/DemoX.1/2014_T1, SLASHED_COURSE",
        "edX/Demo%20X/2014, SLASHED_COURSE",
        "Ünï/物理/осень, SLASHED_COURSE",
    })
    void course_ofEveryKnownSpelling_tellsItsForm(String value, CourseKey.Form form) {
        CourseKey key = KeyForms.course(value);

        assertThat(key.form()).isEqualTo(form);
        assertThat(key.value()).isEqualTo(value);
        assertThat(key).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "not:a:course:key",
                "course-v1:O+C",
                "course-v1:O+C+R+S",
                "course-v1:O+C+",
                "course-v1:O C+C+R",
                "COURSE-V1:O+C+R",
                "course-v1:O+C+R+version@XYZ",
                "course-v1:O+C+R\n",
                "library-v1:O",
                "lib:O",
                "lib:O:slug:more",
                "O/C",
                "O/C/R/S",
                "O//R",
                "block-v1:O+C+R+type@html+block@b",
                "course-v1:O+C+😀",
                "course-v1:O+C+e\u0301",
                "O~/C/R",
            })
    void course_ofAnyOtherSpelling_isOpaque(String value) {
        assertThat(KeyForms.course(value).form()).isEqualTo(CourseKey.Form.OPAQUE);
        assertThat(KeyForms.course(value).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "block-v1:OpenedX+DemoX+DemoCourse+type@html+block@a01fc100e5e64fc5bbca09daa190cfee, html, BLOCK",
        "block-v1:O+C+R+type@drag-and-drop-v2+block@b, drag-and-drop-v2, BLOCK",
        "block-v1:O+C+R+branch@draft-branch+type@video+block@b, video, BLOCK",
        "block-v1:O+C+R+branch@draft-branch+version@519665f6223ebd6980884f2b+type@video+block@b, video, BLOCK",
        "block-v1:O+C+R+version@519665f6223ebd6980884f2b+type@video+block@b, video, BLOCK",
        "block-v1:O+C+R+type@a:b.c~d+block@b:c, a:b.c~d, BLOCK",
        "block-v1:Ünï+物理+осень+type@výklad+block@блок, výklad, BLOCK",
        "lib-block-v1:O+L+type@problem+block@b, problem, LEGACY_LIBRARY_BLOCK",
        "lib-block-v1:O+L+branch@library+type@problem+block@b, problem, LEGACY_LIBRARY_BLOCK",
        "lb:O:slug:problem:id, problem, LIBRARY_BLOCK",
        "lb:O:слово:html:блок, html, LIBRARY_BLOCK",
        "i4x://O/C/video/B, video, LOCATION",
        "i4x://edX/DemoX.1/problem/a%20b:c, problem, LOCATION",
        "i4x://O/C/video/B@draft, video, LOCATION",
    })
    void block_ofEveryKnownSpelling_tellsItsTypeAndForm(String value, String type, BlockKey.Form form) {
        BlockKey key = KeyForms.block(value);

        assertThat(key.blockType()).isEqualTo(type);
        assertThat(key.form()).isEqualTo(form);
        assertThat(key.value()).isEqualTo(value);
        assertThat(key).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "not:a:block:key",
                "block-v1:O+C+R",
                "block-v1:O+C+type@html+block@b",
                "block-v1:O+C+R+type@html",
                "block-v1:O+C+R+block@b+type@html",
                "block-v1:O+C+R+type@+block@b",
                "block-v1:O+C+R+type@html+block@b+more",
                "block-v1:O+C+R+type@html+block@b\n",
                "BLOCK-V1:O+C+R+type@html+block@b",
                "lib-block-v1:O+type@problem+block@b",
                "lb:O:slug:problem",
                "lb:O:slug:problem:id:more",
                "i4x://O/C/video",
                "i4x:/O/C/video/B",
                "course-v1:O+C+R",
                "😀",
            })
    void block_ofAnyOtherSpelling_isOpaqueAndOfUnknownType(String value) {
        BlockKey key = KeyForms.block(value);

        assertThat(key.form()).isEqualTo(BlockKey.Form.OPAQUE);
        assertThat(key.blockType()).isEqualTo("unknown");
        assertThat(key.value()).isEqualTo(value);
    }

    @Test
    void block_ofEveryBlockOfTheDemoCourse_hasTheTypeThatTheCourseSays() throws IOException {
        List<String> lines = Files.readAllLines(DEMO_COURSE);

        assertThat(lines).hasSize(314);
        assertThat(lines.subList(1, lines.size())).allSatisfy(line -> {
            String[] columns = line.split(",", -1);
            assertThat(KeyForms.block(columns[5]).blockType()).isEqualTo(columns[4]);
            assertThat(KeyForms.block(columns[5]).form()).isEqualTo(BlockKey.Form.BLOCK);
            assertThat(KeyForms.course(columns[0]).form()).isEqualTo(CourseKey.Form.COURSE);
        });
    }

    @Test
    void fold_ofLowerCase_isTheSameObject() {
        String lower = "course-v1:o+c+r";

        assertThat(KeyForms.fold(lower)).isSameAs(lower);
        assertThat(KeyForms.fold("Course-v1:ÄÖ+I+Ω")).as("A to Z alone").isEqualTo("course-v1:ÄÖ+i+Ω");
    }
}
