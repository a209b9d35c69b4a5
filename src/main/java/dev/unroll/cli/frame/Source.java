package dev.unroll.cli.frame;

import dev.unroll.spark.source.CatalogTable;
import dev.unroll.spark.source.FileSource;
import dev.unroll.spark.source.Origin;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The files or tables that a command reads, from its settings. */
public final class Source {

    private static final String FORMAT = "format";
    private static final String READ_OPTION = "read-option";

    private Source() {}

    /** The keys that say how rows are read. */
    public static List<Option> options() {
        return List.of(
                Option.oneOf(
                                FORMAT,
                                FileSource.FORMATS,
                                "format of the files; table: the names of tables of a catalog take the place of paths")
                        .orElse("csv"),
                Option.pairs(READ_OPTION, "an option of Spark's reader of the format; may be given several times"));
    }

    /** Whether rows come from tables, whose names take the place of paths. */
    static boolean isTable(Settings settings) {
        return settings.require(FORMAT).equals(CatalogTable.FORMAT);
    }

    public static FileSource of(Settings settings) {
        return new FileSource(settings.require(FORMAT), settings.pairs(READ_OPTION));
    }

    /** The rows that can be used, without what is known of their origin. */
    public static Dataset<Row> withoutFaults(Dataset<Row> rows) {
        return Origin.withoutFaults(rows);
    }
}
