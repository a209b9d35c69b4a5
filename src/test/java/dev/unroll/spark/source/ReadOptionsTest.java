package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of a reader: no value that Spark would stumble over, and no name that it would pass by without a word. */
class ReadOptionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "csv | quote=ab | quote is one character, or empty for none",
                "csv | comment=## | comment is one character",
                "tsv | escape=\\\\ | escape is one character",
                "csv | sep= | sep is at least one character",
                "csv | maxColumns=-1 | maxColumns is a whole number, at least 1",
                "csv | maxColumns=many | maxColumns is a whole number",
                "csv | maxCharsPerColumn=0 | maxCharsPerColumn is a whole number, at least 1, or -1",
                "csv | header=x | header is true or false",
                "csv | header=yes | header is true or false",
                "json | multiLine=1 | multiLine is true or false",
                "csv | recursiveFileLookup=x | recursiveFileLookup is true or false",
                "parquet | recursiveFileLookup=x | recursiveFileLookup is true or false",
                "parquet | mergeSchema=x | mergeSchema is true or false",
                "json | samplingRatio=x | samplingRatio is a number, above 0 and at most 1",
                "csv | samplingRatio=0 | samplingRatio is a number",
                "csv | samplingRatio=NaN | samplingRatio is a number",
                "text | lineSep= | lineSep is at least one character",
                "csv | modifiedAfter=yesterday | modifiedAfter is a time such as 2024-03-01T00:00:00",
                "csv | modifiedAfter=2024-13-01 | modifiedAfter is a time such as 2024-03-01T00:00:00, or a date",
                "json | maxNumLen=0 | maxNumLen is a whole number, at least 1",
                "csv | maxNestingDepth=5 | csv has no such option",
                "csv | nulValue=NA | csv has no such option",
                "json | sep=; | json has no such option",
                "text | header=true | text has no such option",
                "csv | compression=gzip | csv has no such option",
                "csv | ignoreCorruptFiles=true | would leave files out without a count",
                "csv | mode=PERMISSIVE | handle-invalid says what is done with bad rows",
            })
    void valueThatSparkCannotUse_isRefusedByName(String format, String option, String said) {
        int equals = option.indexOf('=');
        Map<String, String> options = Map.of(option.substring(0, equals), option.substring(equals + 1));
        String message = assertThrows(IllegalArgumentException.class, () -> new FileSource(format, options))
                .getMessage();
        assertTrue(message.startsWith("read-option is " + option), message);
        assertTrue(message.contains(said) && message.length() <= 400, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "csv | SEP=;",
                "csv | quote=",
                "csv | header=FALSE",
                "csv | maxCharsPerColumn=-1",
                "json | samplingRatio=1",
                "csv | nullValue=",
                "tsv | comment=#",
                "csv | sep=::",
                "csv | sep=\\t",
                "parquet | mergeSchema=true",
                "text | wholetext=true",
                "csv | fs.s3a.endpoint=x",
                "csv | pathGlobFilter=*.csv",
                "csv | encoding=latin1",
                "csv | modifiedBefore=2024-03-01T00:00:00",
                "csv | modifiedAfter=2024-03-01",
                "tsv | modifiedAfter=2024-03-01 10:30:00Z",
                "json | maxNestingDepth=100",
                "json | maxNumLen=2000",
                "json | maxStringLen=50000000",
                "json | singleVariantColumn=v",
            })
    void valueThatSparkTakes_isTaken(String format, String option) {
        int equals = option.indexOf('=');
        String value = option.substring(equals + 1);
        assertEquals(format, new FileSource(format, Map.of(option.substring(0, equals), value)).format());
    }

    @Test
    void nameTwice_isRefusedWhateverItsCase() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new FileSource("csv", Map.of("sep", ";", "SEP", ",")))
                .getMessage();
        assertTrue(
                message.contains("twice")
                        && message.toLowerCase(java.util.Locale.ROOT).contains("sep"),
                message);
        String shown = assertThrows(
                        IllegalArgumentException.class,
                        () -> new FileSource("csv", Map.of("quote", "\u001B" + "x".repeat(1000))))
                .getMessage();
        assertTrue(shown.length() <= 400 && shown.indexOf('\u001B') < 0, shown);
    }
}
