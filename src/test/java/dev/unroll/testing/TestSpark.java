package dev.unroll.testing;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * Spark for tests: local[2], on loopback, without a UI. One context serves the whole JVM for as long as nobody asks for other settings;
 * every caller gets a session of its own in it, so SQL settings and temporary views of one test class are not seen by the next.
 *
 * <p>Test classes ask for it with {@link SparkTest}; only tests that change the context in between call this class.
 */
public final class TestSpark {

    /** A setting of the context that says what it was started with. Contexts that others started have none. */
    private static final String STARTED_WITH = "spark.unroll.tests.settings";

    private TestSpark() {}

    /**
     * A new session, made the active one. Settings of {@code spark.sql} are the session's; with any other setting than the running
     * context's that context is stopped, and another started.
     */
    public static SparkSession session(Map<String, String> settings) {
        if (!isRunningWith(settings)) {
            stop();
            start(ofContext(settings));
        }
        SparkSession session = running().get().newSession();
        settings.forEach((key, value) -> {
            if (isOfSession(key)) {
                session.conf().set(key, value);
            }
        });
        SparkSession.setActiveSession(session);
        return session;
    }

    /** Whether a context runs that was started here with those of {@code settings} that are a context's. */
    static boolean isRunningWith(Map<String, String> settings) {
        Option<SparkSession> running = running();
        return running.isDefined()
                && running.get()
                        .sparkContext()
                        .getConf()
                        .get(STARTED_WITH, "")
                        .equals(ofContext(settings).toString());
    }

    private static boolean isOfSession(String key) {
        return key.startsWith("spark.sql.");
    }

    private static Map<String, String> ofContext(Map<String, String> settings) {
        Map<String, String> ofContext = new TreeMap<>(settings);
        ofContext.keySet().removeIf(TestSpark::isOfSession);
        return ofContext;
    }

    /** Stops the running context, if any, whoever started it. */
    public static void stop() {
        Option<SparkSession> running = running();
        if (running.isDefined()) {
            running.get().stop();
        }
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
    }

    /** Lets go of what a test class has cached, so that the next one has the memory. */
    static void clearCaches() {
        Option<SparkSession> running = running();
        if (running.isDefined()) {
            running.get().catalog().clearCache();
            JavaSparkContext.fromSparkContext(running.get().sparkContext())
                    .getPersistentRDDs()
                    .values()
                    .forEach(rdd -> rdd.unpersist(false));
        }
    }

    private static Option<SparkSession> running() {
        Option<SparkSession> active = SparkSession.getActiveSession();
        Option<SparkSession> session = active.isDefined() ? active : SparkSession.getDefaultSession();
        return session.isDefined() && session.get().sparkContext().isStopped() ? Option.empty() : session;
    }

    private static void start(Map<String, String> settings) {
        SparkConf conf = new SparkConf()
                .setMaster("local[2]")
                .setAppName("unroll tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.sql.shuffle.partitions", "2")
                .set(STARTED_WITH, settings.toString());
        settings.forEach(conf::set);
        SparkSession.builder().config(conf).getOrCreate();
    }
}
