package dev.unroll.spark;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Spark sessions for tests: on loopback, without a UI, quiet. */
public final class TestSpark {

    private TestSpark() {}

    /** The running session, or a new one in local[2]. */
    public static SparkSession session() {
        return start(Map.of());
    }

    /** Stops the running session, if any, and starts one with further settings. */
    public static SparkSession restart(Map<String, String> settings) {
        stop();
        return start(settings);
    }

    public static void stop() {
        SparkSession.getActiveSession().foreach(session -> {
            session.stop();
            return null;
        });
    }

    private static SparkSession start(Map<String, String> settings) {
        SparkConf conf = new SparkConf()
                .setMaster("local[2]")
                .setAppName("unroll tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.sql.shuffle.partitions", "2");
        settings.forEach(conf::set);
        return SparkSession.builder().config(conf).getOrCreate();
    }
}
