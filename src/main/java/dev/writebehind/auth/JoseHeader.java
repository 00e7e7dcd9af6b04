package dev.writebehind.auth;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The check of what a JWT's header says beyond algorithm and key; stateless. A member that would give the rest another
 * meaning refuses the token, whatever its value; one that no extension here understands is ignored (RFC 7515, section
 * 4).
 */
final class JoseHeader {
    /**
     * {@code crit}: extensions that must be understood, and there is none that is, so that it can't even be empty (RFC
     * 7515, 4.1.11). {@code b64}: the payload is not encoded (RFC 7797). {@code zip}, {@code enc}: it is compressed or
     * encrypted (RFC 7516). {@code cty}: it is no claims but, for example, another JWT (RFC 7519, 5.2).
     */
    private static final List<String> OTHER_MEANINGS = List.of("crit", "b64", "zip", "enc", "cty");

    /** {@code typ} of an access token, without the prefix that may be left out (RFC 7515, 4.1.9; RFC 9068). */
    private static final Set<String> ACCESS_TOKENS = Set.of("jwt", "at+jwt");

    private static final String MEDIA_PREFIX = "application/";

    private JoseHeader() {}

    /** Returns what is wrong, completing "the token's header"; null: nothing. Throws what the JSON is refused for. */
    static @Nullable String fault(String json) throws JoseException {
        Map<String, Object> header = JsonUtil.parseJson(json);
        for (String member : OTHER_MEANINGS) {
            if (header.containsKey(member)) {
                return "holds " + member + ", which is not understood";
            }
        }
        if (header.containsKey("kid") && !(header.get("kid") instanceof String)) {
            return "has a kid that is not text";
        }
        return !header.containsKey("typ") || isAccessToken(header.get("typ")) ? null : "has another typ than JWT";
    }

    /** Tokens that were made for something else, logging out for example, are told by their type (RFC 8725, 3.11). */
    private static boolean isAccessToken(@Nullable Object type) {
        if (!(type instanceof String text)) {
            return false;
        }
        String name = text.toLowerCase(Locale.ROOT);
        return ACCESS_TOKENS.contains(name.startsWith(MEDIA_PREFIX) ? name.substring(MEDIA_PREFIX.length()) : name);
    }
}
