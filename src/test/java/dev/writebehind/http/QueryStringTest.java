package dev.writebehind.http;

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
        "b=1&course_key=y&b=2, y",
        "&&course_key=y&, y",
        "course%5Fkey=y, y",
        "course_key=%25, %",
        "course_key=, ''",
        "course_key, ''",
    })
    void one_ofAParameter_isItsDecodedValue(String query, String value) {
        assertThat(QueryString.parse(query).one("course_key")).isEqualTo(value);
    }

    @Test
    void one_ofAParameterThatIsMissing_isNull() {
        assertThat(QueryString.parse(null).one("a")).isNull();
        assertThat(QueryString.parse("").one("a")).isNull();
        assertThat(QueryString.parse("b=1&&=2&A=3").one("a")).isNull();
    }

    @Test
    void one_ofARepeatedParameter_isABadRequest() {
        QueryString query = QueryString.parse("ack=memory&ack=memory");

        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> query.one("ack"))
                .withMessage("ack is given twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%FF", "%c3=1", "a=%ED%A0%80", "a=%C0%AF", "a=%F4%90%80%80", "a=%E2%82"})
    void parse_ofBytesThatAreNotUtf8_isABadRequest(String query) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> QueryString.parse(query))
                .withMessageContaining("not UTF-8");
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
