package dev.unroll.param;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A choice that users and files name by a key: {@code cross-entropy} is the key of {@code CROSS_ENTROPY}. Enums
 * implement it, so that a name is written once, and an unknown one is refused in the same words everywhere.
 */
public interface Keyed {

    /** The name of the constant; every enum has it. */
    String name();

    /** The name in settings, files and messages. */
    default String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All keys of an enum, in its order. */
    static <E extends Enum<E> & Keyed> List<String> keys(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(Keyed::key).toList();
    }

    /**
     * The constant of that key.
     *
     * @param setting what the key is the value of, for the message
     * @throws IllegalArgumentException for an unknown key, naming the setting, the key and what is allowed
     */
    static <E extends Enum<E> & Keyed> E of(Class<E> type, String setting, String key) {
        for (E constant : type.getEnumConstants()) {
            if (constant.key().equals(key)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(setting + " is " + key + "; allowed are " + list(keys(type)));
    }

    /** Such as "a, b and c". */
    static String list(List<String> words) {
        int last = words.size() - 1;
        return last < 1
                ? String.join("", words)
                : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
    }
}
