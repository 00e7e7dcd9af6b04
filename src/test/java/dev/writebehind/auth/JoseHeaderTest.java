package dev.writebehind.auth;

import static dev.writebehind.testing.Tokens.LMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.auth.Refusal.Reason;
import dev.writebehind.config.JwtSettings;
import dev.writebehind.config.Secret;
import dev.writebehind.testing.Tokens;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Genuine signatures under headers and over claims that are to be taken or not. */
class JoseHeaderTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final SigningKeys KEYS = SigningKeys.parse(Tokens.jwks(LMS));
    private static final String CLAIMS = Tokens.claims("Ann", NOW).encode();

    private final JwtVerifier verifier = new JwtVerifier(
            new JwtSettings("jwks", new Secret(Tokens.SECRET), Tokens.ISSUER, Tokens.AUDIENCE, List.of()));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",'typ':'JWT'",
                ",'typ':'jwt'",
                ",'typ':'application/jwt'",
                ",'typ':'at+jwt'",
                ",'typ':'application/at+JWT'",
                ",'kid':'openedx'",
                ",'x5t':'abc','x5t#S256':'def'",
                ",'jku':'http://127.0.0.1:1/','x5u':'http://127.0.0.1:1/','x5c':['MIIB']",
                ",'jwk':{'kty':'oct','k':'AAAA'}",
                ",'unknown':{'crit':['b64'],'typ':'x'}",
            })
    void verify_underAHeaderThatChangesNothing_takesTheToken(String members) {
        for (Verification found : verifyBoth(members, CLAIMS)) {
            assertThat(found).isInstanceOf(Verification.Genuine.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",'crit':[]",
                ",'crit':['b64']",
                ",'crit':['b64'],'b64':true",
                ",'crit':['b64'],'b64':false",
                ",'crit':['exp']",
                ",'crit':['x'],'x':1",
                ",'crit':['alg']",
                ",'crit':[1]",
                ",'crit':'b64'",
                ",'crit':{}",
                ",'crit':null",
                ",'crit':false",
                ",'\\u0063rit':[]",
                ",'b64':true",
                ",'b64':false",
                ",'b64':null",
                ",'zip':'DEF'",
                ",'zip':null",
                ",'enc':'A128GCM'",
                ",'enc':null",
                ",'cty':'JWT'",
                ",'cty':'json'",
                ",'cty':null",
                ",'typ':'JWE'",
                ",'typ':'JOSE'",
                ",'typ':'JOSE+JSON'",
                ",'typ':'logout+jwt'",
                ",'typ':'secevent+jwt'",
                ",'typ':'dpop+jwt'",
                ",'typ':'application/logout+jwt'",
                ",'typ':'text/jwt'",
                ",'typ':''",
                ",'typ':null",
                ",'typ':['JWT']",
                ",'typ':5",
                ",'kid':5",
                ",'alg':'none'",
                ",'typ':'JWT','typ':'JWT'",
                ",'kid':'a','kid':'b'",
                ",'kid':'a','\\u006bid':'b'",
                ",'jwk':{'kty':'oct','kty':'RSA'}",
            })
    void verify_underAHeaderThatIsNotUnderstood_isInvalid(String members) {
        for (Verification found : verifyBoth(members, CLAIMS)) {
            assertInvalid(found);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'administrator':true",
                "'preferred_username':'root'",
                "'\\u0065xp':9999999999",
                "'exp':9999999999",
                "'user_id':1,'user_id':2",
                "'other':{'a':1,'a':2}",
                "'other':[{'a':1,'a':2}]",
            })
    void verify_ofClaimsWithAMemberTwice_isInvalid(String members) {
        String claims = CLAIMS.substring(0, CLAIMS.length() - 1) + "," + members.replace('\'', '"') + "}";
        for (Verification found : verifyBoth("", claims)) {
            assertInvalid(found);
        }
    }

    private static void assertInvalid(Verification found) {
        assertThat(found).isInstanceOf(Verification.Refused.class);
        assertThat(((Verification.Refused) found).refusal().reason()).isEqualTo(Reason.INVALID);
    }

    private List<Verification> verifyBoth(String members, String claims) {
        String more = members.replace('\'', '"') + "}";
        return List.of(
                verifier.verify(shared("{\"alg\":\"HS256\"" + more, claims), KEYS, NOW),
                verifier.verify(published("{\"alg\":\"RS512\"" + more, claims), KEYS, NOW));
    }

    private static String shared(String header, String claims) {
        String signed = Tokens.encode(header) + "." + Tokens.encode(claims);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Tokens.SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return signed + "." + encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String published(String header, String claims) {
        String signed = Tokens.encode(header) + "." + Tokens.encode(claims);
        try {
            Signature signature = Signature.getInstance("SHA512withRSA");
            signature.initSign(LMS.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
