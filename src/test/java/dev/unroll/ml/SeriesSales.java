package dev.unroll.ml;

import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A table of several series, with two key columns, and what is trained on it by key. */
final class SeriesSales {

    static final int LENGTH = 4;
    static final StructType SALES = new StructType()
            .add("shop", DataTypes.StringType)
            .add("item", DataTypes.LongType)
            .add("day", DataTypes.DateType)
            .add("sold", DataTypes.DoubleType)
            .add("price", DataTypes.DoubleType);

    private SeriesSales() {}

    /** One day of one series. */
    record Sale(String shop, long item, int day, double sold, double price) {

        String key() {
            return shop + "/" + item;
        }

        Row row() {
            return RowFactory.create(
                    shop, item, Date.valueOf(LocalDate.of(2024, 3, 1).plusDays(day)), sold, price);
        }
    }

    /** Series of whole numbers, each at a level and in a unit of its own. */
    static List<Sale> sales(int series, int days, long seed) {
        Random random = new Random(seed);
        List<Sale> sales = new ArrayList<>();
        for (int s = 0; s < series; s++) {
            double unit = Math.scalb(1.0, 4 * s - 3);
            for (int day = 0; day < days; day++) {
                double sold = unit * (40 + 8 * (day % 3) + random.nextInt(6));
                sales.add(new Sale("shop " + s / 2, s % 2, day, sold, 1 + random.nextInt(4)));
            }
        }
        return sales;
    }

    static Dataset<Row> table(SparkSession spark, List<Sale> sales) {
        return spark.createDataFrame(sales.stream().map(Sale::row).toList(), SALES);
    }

    static SlidingWindows windows() {
        return new SlidingWindows()
                .setKeyCols("shop", "item")
                .setTimeCol("day")
                .setValueCols("sold", "price")
                .setTargetCols("sold")
                .setTimeFeatures("weekday")
                .setWindowLength(LENGTH);
    }

    static RnnRegressor regressor() {
        return new RnnRegressor()
                .setHiddenSize(5)
                .setBatchSize(8)
                .setNumShards(2)
                .setStepSize(0.02)
                .setEngine("local")
                .setMaxIter(10);
    }

    static RnnRegressor byKey() {
        return regressor().setScale("by-key");
    }
}
