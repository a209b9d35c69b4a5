package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.DoubleStream;
import org.apache.spark.util.JsonProtocol;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R7: an event log of a stranger costs a History Server neither its memory nor the page. */
class StrangersEventsTest {

    private static final String UPDATE =
            "{\"Event\":\"dev.unroll.ui.TrainingEvent$Update\",\"training\":\"t\",\"time\":5,\"iteration\":1,\"updates\":9,"
                    + "\"loss\":1.0,\"gradientNorm\":1.0,\"stepSize\":0.1,\"passes\":1,\"steps\":5,\"computeMs\":3.0,\"balance\":1.0";

    private static String page(List<String> events) {
        Runs runs = new Runs();
        for (String event : events) {
            runs.onOtherEvent(JsonProtocol.sparkEventFromJson(event));
        }
        return TrainingPage.html(runs.runs(), null, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"gradientNorm\":1.7e308",
                "\"gradientNorm\":4.9e-324",
                "\"gradientNorm\":-1.7e308",
                "\"gradientNorm\":\"NaN\"",
                "\"gradientNorm\":\"Infinity\"",
                "\"loss\":1.7e308",
                "\"loss\":-1.7e308",
                "\"loss\":null",
                "\"iteration\":9223372036854775807,\"updates\":-9223372036854775808",
                "\"time\":9223372036854775807",
                "\"balance\":1e300",
                "\"computeMs\":1.7e308,\"mergeMs\":1.7e308",
                "\"stepSize\":1.7e308",
                "\"passes\":-2147483648",
                "\"validation\":null,\"warnings\":null",
                "\"validation\":{\"loss\":null}",
                "\"validation\":{\"loss\":1.7e308,\"<b>\":1}",
                "\"warnings\":[null,\"<script>\"]",
                "\"flow\":{\"reach\":3,\"lags\":5,\"norms\":null}",
                "\"flow\":{\"reach\":3,\"lags\":5,\"norms\":[]}",
                "\"flow\":{\"reach\":3,\"lags\":5,\"norms\":[[]]}",
                "\"flow\":{\"reach\":3,\"lags\":5,\"norms\":[null]}",
                "\"flow\":{\"reach\":3,\"lags\":5,\"norms\":[[1.0,null]]}",
                "\"flow\":{\"reach\":2147483647,\"lags\":-5,\"norms\":[[1.0],[1.0,2.0]]}",
                "\"training\":null",
            })
    void anyNumber_givesAPage(String fields) {
        // A field that is there twice counts the second time.
        String html = assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> page(List.of(UPDATE + "}", UPDATE + "," + fields + "}", UPDATE + "}")));
        assertTrue(html.contains("Iteration") && html.length() < 1_000_000, fields);
        assertFalse(html.contains("<script>"), html);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Start | \"name\":null,\"network\":null,\"plan\":null",
                "Start | \"training\":null",
                "End | \"reason\":null",
                "End | \"training\":null,\"reason\":null",
            })
    void missingTexts_giveAPage(String type, String fields) {
        String event =
                "{\"Event\":\"dev.unroll.ui.TrainingEvent$" + type + "\",\"training\":\"t\",\"time\":1," + fields + "}";
        assertTrue(page(List.of(event, UPDATE + "}")).contains("Status"), fields);
    }

    @ParameterizedTest
    @CsvSource({"a&reload=x, a%26reload%3Dx", "'a\"><b>', a%22%3E%3Cb%3E", "a b#c, a+b%23c", "ü, %C3%BC"})
    void idsOfTrainings_areEncodedInLinks(String id, String encoded) {
        String escaped = id.replace("\"", "\\\"");
        String html = page(List.of(UPDATE.replace("\"t\"", "\"" + escaped + "\"") + "}", UPDATE + "}"));
        assertTrue(html.contains("?training=" + encoded), html.substring(html.length() - 600));
    }

    @ParameterizedTest
    @CsvSource({"1e-300, 1.7e308", "4.9e-324, 4.9e-324", "1, 1.7976931348623157e308", "1e-5, 1e9", "3, 3", "0, 0"})
    void ratios_haveFewTicks(double least, double most) {
        Scale scale = Scale.log(DoubleStream.of(least, most), 0, 100);
        assertTrue(scale.ticks().size() <= 11, () -> scale.ticks().toString());
        assertTrue(Double.isFinite(scale.at(Math.max(least, 1e-300))), scale.toString());
        Scale linear = Scale.of(DoubleStream.of(-most, most), 0, 100);
        assertTrue(linear.ticks().size() <= 11, () -> linear.ticks().toString());
    }
}
