package dev.unroll.spark.source;

import java.math.BigInteger;
import java.net.URI;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Columns that are directories of the path, as in {@code sex=F/part-0.csv}. Spark makes numbers and times of their
 * values: 7 of 007. A column keeps that type only if each of its values is written as the type would write it; otherwise
 * it is text.
 */
final class FolderColumns {

    private static final String NULL = "=__HIVE_DEFAULT_PARTITION__";

    private FolderColumns() {}

    static boolean areInexact(StructType schema, List<String> files) {
        return !exact(schema, files).equals(schema);
    }

    /** The schema of rows of these files, in which text is text. */
    static StructType exact(StructType schema, List<String> files) {
        Map<String, Set<String>> values = values(files);
        StructField[] fields = schema.fields().clone();
        for (int i = 0; i < fields.length; i++) {
            DataType type = fields[i].dataType();
            boolean keeps = type instanceof StringType
                    || values.getOrDefault(fields[i].name(), Set.of()).stream()
                            .allMatch(value -> isWrittenAs(value, type));
            if (!keeps) {
                fields[i] = DataTypes.createStructField(fields[i].name(), DataTypes.StringType, true);
            }
        }
        return new StructType(fields);
    }

    /** The values of each column among the directories. */
    private static Map<String, Set<String>> values(List<String> files) {
        Map<String, Set<String>> values = new HashMap<>();
        for (String file : files) {
            for (String part : URI.create(file).getPath().split("/")) {
                int equals = part.indexOf('=');
                if (equals > 0 && !part.endsWith(NULL)) {
                    values.computeIfAbsent(part.substring(0, equals), column -> new HashSet<>())
                            .add(part.substring(equals + 1));
                }
            }
        }
        return values;
    }

    private static boolean isWrittenAs(String value, DataType type) {
        try {
            if (type instanceof DateType) {
                return LocalDate.parse(value).toString().equals(value);
            }
            return (type instanceof IntegralType || type instanceof DecimalType)
                    && new BigInteger(value).toString().equals(value);
        } catch (DateTimeException | NumberFormatException e) {
            return false;
        }
    }
}
