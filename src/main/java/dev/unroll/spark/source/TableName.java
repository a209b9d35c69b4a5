package dev.unroll.spark.source;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Identifier;

/** Names of tables as SQL has them, each part in back-ticks. */
final class TableName {

    private TableName() {}

    /** The name, the same whatever the session's current catalog and schema are. */
    static String sql(CatalogPlugin catalog, Identifier table) {
        return quoted(Stream.of(catalog.name())) + "." + inCatalog(table);
    }

    static String inCatalog(Identifier table) {
        return quoted(Stream.concat(Arrays.stream(table.namespace()), Stream.of(table.name())));
    }

    static String quoted(Stream<String> parts) {
        return parts.map(ColumnName::quoted).collect(Collectors.joining("."));
    }
}
