package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.ml.RnnClassifier;
import dev.unroll.testing.TestSpark;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.history.FsHistoryProvider;
import org.apache.spark.deploy.history.HistoryServer;
import org.apache.spark.deploy.history.HistoryServer$;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tab as a browser gets it: from the driver while the application runs, and from its event log in a History Server.
 */
@Tag("slow")
class TrainingTabTest {

    private static final String HOSTILE = "<script>alert(1)</script>";

    @TempDir
    Path directory;

    @AfterEach
    void stopSpark() {
        TestSpark.stop();
    }

    @Test
    void trainings_areShownLiveAndFromTheEventLog() throws Exception {
        SparkSession spark = TestSpark.session(Map.of(
                "spark.ui.enabled", "true",
                "spark.ui.port", "0",
                "spark.app.name", HOSTILE,
                "spark.eventLog.enabled", "true",
                "spark.eventLog.rolling.enabled", "false",
                "spark.eventLog.dir", directory.toUri().toString()));
        classifier("earlier", 3).fit(rows(spark));
        classifier("later" + HOSTILE, 60).fit(rows(spark));
        String application = spark.sparkContext().applicationId();
        String url = spark.sparkContext().uiWebUrl().get();
        spark.sparkContext().listenerBus().waitUntilEmpty();

        assertEquals(
                1, get(url + "/jobs/").split("/training/\"", -1).length - 1, "one tab in a session of two trainings");
        String live = get(url + "/training/");
        requireComplete(live);
        String earlier = get(url + "/training/" + linkToTheOther(live));
        assertTrue(earlier.contains("3 of 3, epoch 1"), earlier);
        TestSpark.stop();

        String replayed = fromHistoryServer(application);
        requireComplete(replayed);
        assertEquals(numbersAndCharts(live), numbersAndCharts(replayed));
    }

    private static void requireComplete(String page) {
        assertTrue(page.contains("60 of 60, epoch "), page);
        assertTrue(page.contains("reached max-iter 60"), page);
        for (String title : List.of(
                "Loss",
                "Phases of an update, ms",
                "Steps per second",
                "Gradient norm, before clipping",
                "Step size",
                "Balance: steps of the longest task over the mean",
                "Gradient flow: |dL/dh| by lag")) {
            assertTrue(page.contains("<title>" + title + "</title>"), title);
        }
        for (String name : List.of("validation", "broadcast", "compute", "wait", "merge", "update")) {
            assertTrue(page.contains(">" + name + "</text>"), name);
        }
        assertFalse(page.contains(HOSTILE), "what comes from data is escaped");
        assertTrue(page.contains("later&lt;script&gt;"), page);
        assertFalse(page.matches("(?s).*=\"[^\"]*(NaN|Infinity)[^\"]*\".*"), "no place of a chart is no number");
    }

    private static String numbersAndCharts(String page) {
        return page.substring(page.indexOf("<div id=\"unroll-training\">"), page.indexOf("<h4>Trainings"));
    }

    private static String linkToTheOther(String page) {
        Matcher link = Pattern.compile("\"(\\?training=[0-9a-f-]+)\"").matcher(page);
        assertTrue(link.find());
        return link.group(1);
    }

    private String fromHistoryServer(String application) throws Exception {
        SparkConf conf = new SparkConf()
                .set("spark.history.fs.logDirectory", directory.toUri().toString())
                .set("spark.ui.port", "0");
        FsHistoryProvider provider = new FsHistoryProvider(conf);
        HistoryServer server = new HistoryServer(conf, provider, HistoryServer$.MODULE$.createSecurityManager(conf), 0);
        server.initialize();
        server.bind();
        try {
            provider.checkForLogs(); // reads in threads of its own
            for (int i = 0; i < 600 && server.getApplicationInfo(application).isEmpty(); i++) {
                Thread.sleep(50);
            }
            return get("http://127.0.0.1:" + server.boundPort() + "/history/" + application + "/training/");
        } finally {
            server.stop();
        }
    }

    private static String get(String url) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), url + ": " + response.body());
        return response.body();
    }

    private static RnnClassifier classifier(String uid, int updates) {
        return new RnnClassifier(uid)
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(8)
                .setEmbeddingSize(4)
                .setBatchSize(10)
                .setValidationFraction(0.2)
                .setMaxIter(updates);
    }

    static Dataset<Row> rows(SparkSession spark) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            rows.add(RowFactory.create("an" + "nb".repeat(1 + i % 7) + i, i % 2 == 0 ? "F" : "M"));
        }
        return spark.createDataFrame(
                rows, new StructType().add("name", DataTypes.StringType).add("sex", DataTypes.StringType));
    }
}
