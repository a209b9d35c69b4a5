package dev.unroll.ml;

import org.apache.spark.package$;

/** The versions of Spark that the stages can be made on. */
final class SparkVersion {

    private SparkVersion() {}

    /** @throws IllegalStateException on Spark 4.0.0, whose Params have other constructors than those of every other version */
    static void require() {
        require(package$.MODULE$.SPARK_VERSION());
    }

    static void require(String version) {
        if (version.matches("4\\.0\\.0(\\D.*)?")) {
            throw new IllegalStateException("Spark is " + version
                    + ", whose Params break compiled libraries (SPARK-52259); allowed are 4.0.1 and later");
        }
    }
}
