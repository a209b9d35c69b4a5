package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.metric.LabelSetTerm;
import dev.unroll.metric.MetricCases;
import dev.unroll.metric.MetricSums;
import dev.unroll.metric.RankCurve;
import dev.unroll.metric.RankMetrics;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Terms that Spark sums up and sorts: the same bits from any partitions, and those of scikit-learn's cases. */
@SparkTest
class TermTotalsTest {

    private static SparkSession session;

    @BeforeAll
    static void take(SparkSession spark) {
        session = spark;
    }

    private static Dataset<Row> terms(List<Row> rows, StructType schema, int partitions) {
        return Shuffled.rows(session, rows, schema, partitions);
    }

    private static void assertClose(Map<String, Double> expected, Map<String, Double> actual) {
        expected.forEach(
                (name, value) -> assertEquals(value, actual.get(name), 1e-9 * Math.max(1, Math.abs(value)), name));
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofClasses")
    void classes_haveTheSameBits_fromAnyPartitions(MetricCases.OfClasses given) {
        List<Row> rows = given.terms().stream().map(TermRows.OfLabels::row).toList();
        TermRows.OfLabels kind = new TermRows.OfLabels(given.classes());
        Map<String, Double> first = null;
        for (int partitions : new int[] {1, 2, 7}) {
            Dataset<Row> terms = terms(rows, kind.schema(), partitions);
            MetricSums<?> sums = TermTotals.sums(terms, kind);
            List<RankCurve> curves = TermTotals.curves(terms, kind, partitions);
            Map<String, Double> metrics = new HashMap<>(sums.metrics());
            metrics.putAll(RankMetrics.of(curves, true));
            assertClose(given.expected(), metrics);
            first = first == null ? metrics : first;
            assertEquals(first, metrics, partitions + " partitions");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofLabelSets")
    void labelSets_haveTheSameBits_fromAnyPartitions(MetricCases.OfLabelSets given) {
        List<Row> rows = given.terms().stream().map(TermRows.OfLabelSets::row).toList();
        TermRows.OfLabelSets kind = new TermRows.OfLabelSets(given.labels());
        Map<String, Double> first = null;
        for (int partitions : new int[] {1, 5}) {
            Dataset<Row> terms = terms(rows, kind.schema(), partitions);
            MetricSums<?> sums = TermTotals.sums(terms, kind);
            Map<String, Double> metrics = TermGroups.metrics(kind, sums, TermTotals.curves(terms, kind, partitions));
            assertClose(given.expected(), metrics);
            first = first == null ? metrics : first;
            assertEquals(first, metrics, partitions + " partitions");
        }
    }

    /** The group of all terms has the metrics of all terms. */
    @Test
    void groupOfLabelSets_hasTheirMetrics() {
        MetricCases.OfLabelSets given = MetricCases.ofLabelSets().toList().get(1);
        TermRows.OfLabelSets kind = new TermRows.OfLabelSets(given.labels());
        List<Row> rows = new ArrayList<>();
        for (LabelSetTerm term : given.terms()) {
            Row row = TermRows.OfLabelSets.row(term);
            rows.add(RowFactory.create(row.get(0), row.get(1), row.get(2), row.get(3), "all"));
        }
        Dataset<Row> terms = terms(rows, kind.schema().add(TermGroups.key(0), DataTypes.StringType), 3);
        StructType keys = new StructType().add("of", DataTypes.StringType);
        Row group = TermGroups.of(terms, kind, keys, 3).collectAsList().get(0);
        given.expected().forEach((name, value) -> assertEquals(value, group.<Double>getAs(name), 1e-9, name));
    }

    /** Of a DataFrame that is known to be empty Spark makes no partitions. */
    @Test
    void noPartitions_areNoTerms() {
        TermRows.OfLabels kind = new TermRows.OfLabels(2);
        Dataset<Row> none = session.createDataFrame(List.of(), kind.schema());
        assertEquals(0, none.javaRDD().getNumPartitions());
        assertEquals(Map.of("terms", 0L), TermTotals.sums(none, kind).counts());
    }

    /** Each group has the metrics of its own case, whatever other groups there are. */
    @ParameterizedTest
    @MethodSource("partitions")
    void groups_haveTheirOwnMetrics(int partitions) {
        TermRows.OfNumbers kind = new TermRows.OfNumbers(
                MetricCases.ofNumbers().findFirst().orElseThrow().levels(), false, 7);
        List<Row> rows = new ArrayList<>();
        MetricCases.ofNumbers().forEach(given -> given.terms().forEach(term -> {
            List<Object> values = new ArrayList<>();
            Row row = TermRows.OfNumbers.row(term);
            for (int i = 0; i < row.length(); i++) {
                values.add(row.get(i));
            }
            values.add(given.name());
            rows.add(RowFactory.create(values.toArray()));
        }));
        Dataset<Row> terms = terms(rows, kind.schema().add(TermGroups.key(0), DataTypes.StringType), partitions);
        StructType keys = new StructType().add("case", DataTypes.StringType);
        List<Row> groups = TermGroups.of(terms, kind, keys, partitions).collectAsList();
        List<MetricCases.OfNumbers> cases = MetricCases.ofNumbers()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
        assertEquals(cases.size(), groups.size());
        for (int i = 0; i < cases.size(); i++) {
            Row group = groups.get(i);
            assertEquals(cases.get(i).name(), group.getAs("case"));
            assertEquals((long) cases.get(i).terms().size(), group.<Long>getAs("terms"));
            assertEquals(cases.get(i).zeros(), group.<Long>getAs("zeroTargets"));
            cases.get(i)
                    .expected()
                    .forEach((name, value) ->
                            assertEquals(value, group.<Double>getAs(name), 1e-9 * Math.max(1, Math.abs(value)), name));
        }
    }

    static int[] partitions() {
        return new int[] {1, 4};
    }
}
