package dev.unroll.cli.command;

import java.io.IOException;
import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Generates the default job's data: what 24 languages call the world's countries, languages and currencies, as the
 * Unicode CLDR in the JDK has it. The job itself reads the frozen resource {@link DefaultJob#RESOURCE}, never this
 * class: locale data differ between JDKs, and a model's hash must not.
 *
 * <p>A name is put into NFC, without direction marks and without a trailing remark of years or acronyms ("(1994–2002)",
 * "(UIC)"), which says nothing about the language. Left out are then
 *
 * <ul>
 *   <li>what the language has no name for: the bare code, and a name without one letter of the language's own script
 *       (some JDKs fall back to English);
 *   <li>what is only a remark, "(unknown currency)", or still holds digits;
 *   <li>every name that two or more of the languages share, since it has no right answer.
 * </ul>
 *
 * <p>Rows are unique and sorted by language code, then by code point.
 *
 * <p>To write the file: {@code java -cp target/test-classes:target/classes dev.unroll.cli.command.LocaleNames FILE}.
 */
public final class LocaleNames {

    /** The first line of the frozen data; one row a name follows, in UTF-8, lines end in \n. */
    static final String HEADER = "name\tlanguage";

    private static final String PROVIDERS = "java.locale.providers";

    /** Each language with the scripts of which a name in it must show a letter. */
    private static final Map<String, List<UnicodeScript>> LANGUAGES = languages();

    private static final Pattern DIRECTION_MARKS = Pattern.compile("[\\u200E\\u200F\\u061C]");
    private static final Pattern SPACES = Pattern.compile("[\\s\\u00A0\\u202F]+");

    /** Years and acronyms at the end: "(1994–1999)", "（2008）", "(UIC)", " - 1994-1999", " 2009". */
    private static final Pattern REMARK =
            Pattern.compile("\\s*[(（][A-Z\\p{Nd}\\s–-]+[)）]$|\\s+(-\\s+)?\\p{Nd}{4}([–-]\\p{Nd}{4})?$");

    private static final Pattern NO_NAME = Pattern.compile("[(（].*|.*\\p{Nd}.*");

    private LocaleNames() {}

    /** Writes the file named by the only argument; exit code 2 and one sentence where that cannot be. */
    public static void main(String[] args) {
        // Before any locale data is loaded: up to JDK 22 the JDK's own old tables would fill the gaps of the CLDR with
        // English.
        if (System.getProperty(PROVIDERS) == null) {
            System.setProperty(PROVIDERS, "CLDR");
        }
        if (args.length != 1) {
            fail("LocaleNames takes one argument, the file to write, and got " + args.length + ".");
        }
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            fail(obstacle.get());
        }
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        lines.addAll(rows());
        Path file = Path.of(args[0]);
        try {
            Files.writeString(file, String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
        } catch (IOException e) {
            fail("LocaleNames cannot write " + file + ": " + e + ".");
        }
        System.out.println(file + ": " + (lines.size() - 1) + " names in " + LANGUAGES.size()
                + " languages, from the CLDR in Java " + Runtime.version() + " (" + System.getProperty("java.vendor")
                + ")");
    }

    private static void fail(String sentence) {
        System.err.println(sentence);
        System.exit(2);
    }

    /** Why this JVM cannot generate the names, if it cannot. */
    static Optional<String> obstacle() {
        String providers = System.getProperty(PROVIDERS);
        if (!"CLDR".equals(providers)) {
            return Optional.of("The names must come from the CLDR alone: start Java with -D" + PROVIDERS
                    + "=CLDR (it is " + providers + ").");
        }
        if (ModuleLayer.boot().findModule("jdk.localedata").isEmpty()) {
            return Optional.of(
                    "This Java runtime (" + System.getProperty("java.home")
                            + ") has no module jdk.localedata, which holds the names in languages other than English: use a full JDK.");
        }
        // Only the CLDR has names for the codes that are no language: "und" (undetermined) is one of them.
        if (languageName("und", Locale.GERMAN).equals("und")) {
            return Optional.of("This Java runtime does not use the CLDR although " + PROVIDERS + " is " + providers
                    + ": its locale data were loaded before that was set.");
        }
        return Optional.empty();
    }

    /** The rows {@code name TAB language}, sorted. */
    static List<String> rows() {
        Map<String, Set<String>> namesOf = new TreeMap<>();
        Map<String, Integer> languagesOf = new HashMap<>();
        LANGUAGES.forEach((language, scripts) -> {
            Set<String> names = names(Locale.forLanguageTag(language), scripts);
            namesOf.put(language, names);
            names.forEach(name -> languagesOf.merge(name, 1, Integer::sum));
        });
        List<String> rows = new ArrayList<>();
        namesOf.forEach((language, names) -> names.stream()
                .filter(name -> languagesOf.get(name) == 1)
                .sorted(byCodePoint())
                .forEach(name -> rows.add(name + "\t" + language)));
        return rows;
    }

    /**
     * Order by code point, which is the order of the UTF-8 bytes and, unlike String's own, not that of UTF-16 units.
     */
    static Comparator<String> byCodePoint() {
        return (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    static Set<String> languageCodes() {
        return Collections.unmodifiableSet(new TreeSet<>(LANGUAGES.keySet()));
    }

    private static Set<String> names(Locale in, List<UnicodeScript> scripts) {
        Set<String> names = new HashSet<>();
        add(names, scripts, List.of(Locale.getISOCountries()), code -> region(code)
                .getDisplayCountry(in));
        add(names, scripts, languageCodeSpace(), code -> languageName(code, in));
        List<String> currencies = Currency.getAvailableCurrencies().stream()
                .map(Currency::getCurrencyCode)
                .toList();
        add(names, scripts, currencies, code -> Currency.getInstance(code).getDisplayName(in));
        return names;
    }

    private static void add(
            Set<String> names, List<UnicodeScript> scripts, Iterable<String> codes, Function<String, String> nameOf) {
        for (String code : codes) {
            String raw = nameOf.apply(code);
            if (raw.equals(code)) {
                continue;
            }
            String name = clean(raw);
            boolean own = name.codePoints().anyMatch(c -> scripts.contains(UnicodeScript.of(c)));
            if (own && !NO_NAME.matcher(name).matches()) {
                names.add(name);
            }
        }
    }

    static String clean(String raw) {
        String name = DIRECTION_MARKS
                .matcher(Normalizer.normalize(raw, Normalizer.Form.NFC))
                .replaceAll("");
        name = SPACES.matcher(name).replaceAll(" ").strip();
        return REMARK.matcher(name).replaceAll("").strip();
    }

    private static Locale region(String code) {
        return new Locale.Builder().setRegion(code).build();
    }

    private static String languageName(String code, Locale in) {
        return new Locale.Builder().setLanguage(code).build().getDisplayLanguage(in);
    }

    /**
     * All codes of two and three letters: the JDK lists only those of two, but has names for some four hundred others.
     */
    private static List<String> languageCodeSpace() {
        List<String> codes = new ArrayList<>();
        for (char a = 'a'; a <= 'z'; a++) {
            for (char b = 'a'; b <= 'z'; b++) {
                codes.add("" + a + b);
                for (char c = 'a'; c <= 'z'; c++) {
                    codes.add("" + a + b + c);
                }
            }
        }
        return codes;
    }

    private static Map<String, List<UnicodeScript>> languages() {
        Map<String, List<UnicodeScript>> scripts = new TreeMap<>();
        for (String language :
                List.of("en", "de", "fr", "es", "it", "pt", "nl", "sv", "fi", "pl", "cs", "hu", "tr", "vi")) {
            scripts.put(language, List.of(UnicodeScript.LATIN));
        }
        for (String language : List.of("ru", "uk", "bg")) {
            scripts.put(language, List.of(UnicodeScript.CYRILLIC));
        }
        scripts.put("el", List.of(UnicodeScript.GREEK));
        scripts.put("ar", List.of(UnicodeScript.ARABIC));
        scripts.put("he", List.of(UnicodeScript.HEBREW));
        scripts.put("hi", List.of(UnicodeScript.DEVANAGARI));
        scripts.put("ja", List.of(UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA, UnicodeScript.HAN));
        scripts.put("ko", List.of(UnicodeScript.HANGUL));
        scripts.put("zh", List.of(UnicodeScript.HAN));
        return Collections.unmodifiableMap(scripts);
    }
}
