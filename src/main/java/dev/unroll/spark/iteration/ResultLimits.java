package dev.unroll.spark.iteration;

import org.apache.spark.SparkConf;

/**
 * How large the results of tasks may be, in bytes. {@link Long#MAX_VALUE} means no limit.
 *
 * @param job of all results of a job: spark.driver.maxResultSize
 * @param buffer of one result, or one record of a shuffle, while it is written: Kryo's buffer, or the largest array
 * @param direct of a result that comes with the end of its task; larger ones are fetched in one more round
 */
public record ResultLimits(long job, long buffer, long direct) {

    private static final long LARGEST_ARRAY = Integer.MAX_VALUE;

    public static ResultLimits of(SparkConf conf) {
        long job = conf.getSizeAsBytes("spark.driver.maxResultSize", "1g");
        boolean kryo = conf.get("spark.serializer", "").endsWith("KryoSerializer");
        return new ResultLimits(
                job == 0 ? Long.MAX_VALUE : job,
                kryo ? conf.getSizeAsMb("spark.kryoserializer.buffer.max", "64m") << 20 : LARGEST_ARRAY,
                Math.min(
                        conf.getSizeAsBytes("spark.task.maxDirectResultSize", "1m"),
                        conf.getSizeAsMb("spark.rpc.message.maxSize", "128m") << 20));
    }

    /** Spark's settings in words. */
    public String sentence() {
        return "maxResultSize " + (job == Long.MAX_VALUE ? "unlimited" : Bytes.shown(job))
                + (buffer < LARGEST_ARRAY ? ", Kryo's buffer " + Bytes.shown(buffer) : "");
    }

    /** Half of what Spark lets come to the driver in one job. */
    long inflow() {
        return job / 2;
    }

    /** Half of the buffer. */
    long result() {
        return buffer / 2;
    }
}
