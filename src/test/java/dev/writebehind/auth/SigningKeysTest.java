package dev.writebehind.auth;

import static dev.writebehind.testing.Tokens.LMS;
import static dev.writebehind.testing.Tokens.OTHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.KeyPair;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeysTest {
    private static JsonObject key(KeyPair pair) {
        return new JsonObject(Tokens.jwks(pair)).getJsonArray("keys").getJsonObject(0);
    }

    private static String set(JsonObject... keys) {
        JsonArray list = new JsonArray();
        for (JsonObject key : keys) {
            list.add(key);
        }
        return new JsonObject().put("keys", list).encode();
    }

    @Test
    void candidates_withAKnownName_beginWithThatKeyAndHoldTheOthers() {
        SigningKeys keys = SigningKeys.parse(set(key(OTHER).put("kid", "a"), key(LMS).put("kid", "b")));

        assertThat(keys.candidates("b", "RS512")).containsExactly(LMS.getPublic(), OTHER.getPublic());
        assertThat(keys.candidates("a", "RS512")).containsExactly(OTHER.getPublic(), LMS.getPublic());
        assertThat(keys.candidates("c", "RS512")).hasSize(2);
        assertThat(keys.candidates(null, "RS512")).hasSize(2);
    }

    @Test
    void parse_leavesOutWhatCantHaveSigned() {
        JsonObject secret = new JsonObject().put("kty", "oct").put("k", "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNl");
        JsonObject unknown = new JsonObject().put("kty", "new");
        SigningKeys keys = SigningKeys.parse(set(
                secret,
                unknown,
                key(OTHER).put("use", "enc"),
                key(OTHER).put("alg", "RS384"),
                key(Tokens.keyPair(1024)),
                key(LMS).put("use", "sig").put("alg", "RS512")));

        assertThat(keys.candidates(null, "RS512")).containsExactly(LMS.getPublic());
    }

    /** Each of the three members that say what a key is for must allow it: what is there, and what is not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | true | true",
                "{'use':'sig'} | true | true",
                "{'use':'enc'} | false | false",
                "{'use':'SIG'} | false | false",
                "{'use':''} | false | false",
                "{'use':'other'} | false | false",
                "{'key_ops':['verify']} | true | true",
                "{'key_ops':['sign','verify']} | true | true",
                "{'key_ops':['verify','encrypt']} | true | true",
                "{'key_ops':['sign']} | false | false",
                "{'key_ops':['encrypt']} | false | false",
                "{'key_ops':['wrapKey','unwrapKey']} | false | false",
                "{'key_ops':['VERIFY']} | false | false",
                "{'key_ops':[]} | false | false",
                "{'key_ops':'verify'} | false | false",
                "{'key_ops':[['verify']]} | false | false",
                "{'key_ops':{'verify':true}} | false | false",
                "{'use':'sig','key_ops':['verify']} | true | true",
                "{'use':'sig','key_ops':['encrypt']} | false | false",
                "{'use':'enc','key_ops':['verify']} | false | false",
                "{'alg':'RS512'} | false | true",
                "{'alg':'RS256'} | true | false",
                "{'alg':'rs256'} | false | false",
                "{'alg':'RS384'} | false | false",
                "{'alg':'PS256'} | false | false",
                "{'alg':'RSA-OAEP'} | false | false",
                "{'alg':'HS256'} | false | false",
                "{'alg':'none'} | false | false",
                "{'use':'sig','key_ops':['verify'],'alg':'RS256'} | true | false",
                "{'use':'sig','key_ops':['sign'],'alg':'RS256'} | false | false",
            })
    void candidates_areTheKeysWhoseMembersAllowIt(String members, boolean forRs256, boolean forRs512) {
        JsonObject limited = key(LMS).mergeIn(new JsonObject(members.replace('\'', '"')));

        SigningKeys keys = SigningKeys.parse(set(limited, key(OTHER)));

        assertThat(keys.candidates(null, "RS256").contains(LMS.getPublic())).isEqualTo(forRs256);
        assertThat(keys.candidates(null, "RS512").contains(LMS.getPublic())).isEqualTo(forRs512);
        assertThat(keys.candidates(null, "RS512")).contains(OTHER.getPublic());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "5",
                "{}",
                "{\"keys\":null}",
                "{\"keys\":{}}",
                "{\"keys\":[5]}",
                "{\"keys\":[{\"kty\":5}]}",
                "{\"keys\":[{\"kty\":\"RSA\"}]}",
                "{\"keys\":[]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}]}"
            })
    void parse_ofAnythingElse_saysWhatIsWrong(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> SigningKeys.parse(text))
                .withMessageMatching("is not a JWK set.*|holds no RSA key.*");
    }

    @ParameterizedTest
    @CsvSource({"20, true", "21, false"})
    void parse_ofManyKeys_isBounded(int count, boolean taken) {
        String set = set(Collections.nCopies(count, key(LMS)).toArray(JsonObject[]::new));
        if (taken) {
            assertThat(SigningKeys.parse(set).size()).isEqualTo(count);
        } else {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> SigningKeys.parse(set));
        }
    }
}
