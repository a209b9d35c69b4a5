package dev.unroll.spark.rows;

/** Rows that were read, with what a look at all of them found out. */
interface ReadRows extends AutoCloseable {

    RowFacts facts();

    @Override
    void close();
}
