package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class CallerTest {
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "YES")
    void learner_ofWhoeverIsNotKnownToBeStaff_isTheUser(Caller.Staff staff) {
        assertThat(Caller.user("ann", 7, staff).learner()).isEqualTo("ann");
    }

    @Test
    void learner_ofWhoActsForAnyone_isNobody() {
        assertThat(Caller.user("ann", 7, Caller.Staff.YES).learner()).isNull();
        assertThat(Caller.SERVER.learner()).isNull();
        assertThat(Caller.ANYONE.learner()).isNull();
    }
}
