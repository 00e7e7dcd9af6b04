package dev.writebehind.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryStringTest {
    @ParameterizedTest
    @CsvSource({
        "course_key=course-v1:O+C+R, course-v1:O+C+R",
        "course_key=course-v1%3AO%2BC%2BR, course-v1:O+C+R",
        "course_key=a%20b, a b",
        "course_key=%D0%B6%F0%9F%98%80, ж😀",
        "course_key=ж, ж",
        "course_key=a=b, a=b",
        "course_key=a%26b, a&b",
        "x=1&course_key=y&z=2, y",
        "course_key=first&course_key=second, first",
        "course%5Fkey=y, y",
        "course_key=%25, %",
        "course_key=, ''",
        "course_key, ''",
    })
    void first_ofAParameter_isItsDecodedValue(String query, String value) {
        assertThat(QueryString.parse(query).first("course_key")).isEqualTo(value);
    }

    @Test
    void first_ofAParameterThatIsMissing_isNull() {
        assertThat(QueryString.parse(null).first("a")).isNull();
        assertThat(QueryString.parse("").first("a")).isNull();
        assertThat(QueryString.parse("b=1&&=2&A=3").first("a")).isNull();
    }

    @Test
    void all_ofARepeatedParameter_areItsValuesInOrder() {
        QueryString query = QueryString.parse("b=1&a=x&b=2+3&b");

        assertThat(query.all("b")).containsExactly("1", "2+3", "");
        assertThat(query.all("c")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%", "a=%4", "a=%zz", "a=%-1", "a=%+1", "%g0=a", "a=1&b=%%", "a=%u0041"})
    void parse_ofWhatIsNotPercentEncoded_isABadRequest(String query) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> QueryString.parse(query))
                .satisfies(refusal -> assertThat(refusal.problem().status()).isEqualTo(400))
                .withMessageContaining("not percent-encoded");
    }
}
