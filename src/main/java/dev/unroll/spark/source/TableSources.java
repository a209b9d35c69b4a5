package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.FileSourceOptions;
import org.apache.spark.sql.catalyst.catalog.HiveTableRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat;
import org.apache.spark.sql.execution.datasources.json.JsonFileFormat;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;
import scala.runtime.BoxedUnit;

/** The tables and files that rows come from, as Spark has resolved them: below views and in subqueries too. */
final class TableSources {

    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> locations = new LinkedHashSet<>();
    private final List<HadoopFsRelation> files = new ArrayList<>();

    private TableSources() {}

    static TableSources of(Dataset<Row> rows) {
        TableSources sources = new TableSources();
        LogicalPlan plan = ((org.apache.spark.sql.classic.Dataset<Row>) rows)
                .queryExecution()
                .analyzed();
        plan.foreachWithSubqueries(part -> {
            sources.add(part);
            return BoxedUnit.UNIT;
        });
        return sources;
    }

    private void add(LogicalPlan plan) {
        if (plan instanceof LogicalRelation relation) {
            OptionConverters.toJava(relation.catalogTable())
                    .ifPresent(table -> addName(table.identifier().nameParts()));
            if (relation.relation() instanceof HadoopFsRelation read) {
                files.add(read);
                CollectionConverters.asJava(read.location().rootPaths())
                        .forEach(path -> locations.add(path.toString()));
            }
        } else if (plan instanceof HiveTableRelation relation) {
            addName(relation.tableMeta().identifier().nameParts());
            locations.add(relation.tableMeta().location().toString());
        } else if (plan instanceof DataSourceV2Relation relation) {
            OptionConverters.toJava(relation.catalog())
                    .ifPresent(catalog -> OptionConverters.toJava(relation.identifier())
                            .ifPresent(table -> names.add(TableName.sql(catalog, table))));
            String location = relation.table().properties().get(TableCatalog.PROP_LOCATION);
            if (location != null) {
                locations.add(location);
            }
        }
    }

    private void addName(scala.collection.Seq<String> parts) {
        names.add(TableName.quoted(CollectionConverters.asJava(parts).stream()));
    }

    TablePlaces places() {
        return new TablePlaces(names, locations);
    }

    /**
     * Refuses files of which Spark would lose something silently.
     *
     * @param table what is read, for the message
     */
    void requireNothingLost(String table) {
        for (HadoopFsRelation read : files) {
            boolean isCsv = read.fileFormat() instanceof CSVFileFormat;
            if (isCsv || read.fileFormat() instanceof JsonFileFormat) {
                String format = isCsv ? "csv" : "json";
                throw new InputException("the table " + table + " reads " + format + " files in "
                        + SourceFiles.shown(read.location().rootPaths().head().toString())
                        + ", and Spark makes nulls of what it cannot read there; give that path, and format " + format);
            }
            FileSourceOptions options = new FileSourceOptions(read.options());
            if (options.ignoreCorruptFiles() || options.ignoreMissingFiles()) {
                String option = options.ignoreCorruptFiles() ? "ignoreCorruptFiles" : "ignoreMissingFiles";
                throw new InputException("the table " + table + " would leave files out without a count: " + option
                        + " is true, in spark.sql.files." + option + " or the table's options; allowed is false");
            }
        }
    }
}
