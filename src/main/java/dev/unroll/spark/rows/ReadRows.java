package dev.unroll.spark.rows;

/** Rows that were read, and what is known of them. */
interface ReadRows extends AutoCloseable {

    RowStatistics statistics();

    @Override
    void close();
}
