package dev.unroll.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows in another order and in other places, of which nothing may depend. */
public final class Shuffled {

    private Shuffled() {}

    /** The rows in so many partitions, in an order that is drawn by their number. */
    public static Dataset<Row> rows(SparkSession session, List<Row> rows, StructType schema, int partitions) {
        List<Row> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(partitions));
        return session.createDataFrame(shuffled, schema).repartition(partitions);
    }
}
