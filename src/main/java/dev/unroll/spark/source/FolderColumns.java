package dev.unroll.spark.source;

import dev.unroll.data.Labels;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Columns that are directories of the path, as in {@code sex=F/part-0.csv}. Spark makes numbers and times of their
 * values: 7 of 007. A column keeps the type of a number or a date only if each of its values is written as the type
 * would write it; otherwise it is text, as times are.
 */
final class FolderColumns {

    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";

    private FolderColumns() {}

    /** The schema of lines as Spark's text reader gives them: their text, and the columns of directories. */
    static StructType exact(StructType lines, List<String> files) {
        StructField[] fields = lines.fields().clone();
        for (int i = 0; i < fields.length; i++) {
            if (!(fields[i].dataType() instanceof StringType)
                    && !areWrittenAs(values(fields[i].name(), files), fields[i].dataType())) {
                fields[i] = DataTypes.createStructField(fields[i].name(), DataTypes.StringType, true);
            }
        }
        return new StructType(fields);
    }

    /**
     * The schema of rows with the columns of directories as {@link #exact} has them.
     *
     * @param lines what it gave
     */
    static StructType added(StructType rows, StructType lines) {
        StructType all = rows;
        for (StructField folder : Arrays.copyOfRange(lines.fields(), 1, lines.size())) {
            boolean there = Arrays.asList(all.fieldNames()).contains(folder.name());
            all = there
                    ? new StructType(Arrays.stream(all.fields())
                            .map(field -> field.name().equals(folder.name()) ? folder : field)
                            .toArray(StructField[]::new))
                    : all.add(folder);
        }
        return all;
    }

    /** The values of a column, each of a file's last directory of this name: one above the path given is no column. */
    private static Set<String> values(String column, List<String> files) {
        Set<String> values = new HashSet<>();
        for (String file : files) {
            String path = URI.create(file).getPath();
            int from = path.lastIndexOf("/" + column + "=");
            int to = path.indexOf('/', from + 1);
            if (from >= 0 && to >= 0) {
                values.add(path.substring(from + column.length() + 2, to));
            }
        }
        values.remove(NULL);
        return values;
    }

    private static boolean areWrittenAs(Set<String> values, DataType type) {
        return values.stream().allMatch(value -> isWrittenAs(value, type))
                && (!(type instanceof DoubleType) // which writes 1.0 and 1 as one
                        || values.stream().map(Double::valueOf).distinct().count() == values.size());
    }

    private static boolean isWrittenAs(String value, DataType type) {
        try {
            if (type instanceof DateType) {
                return LocalDate.parse(value).toString().equals(value);
            }
            if (type instanceof DoubleType) {
                String digits = new BigDecimal(Labels.canonical(Double.valueOf(value))).toPlainString();
                return value.equals(digits) || value.equals(digits + ".0");
            }
            return (type instanceof IntegralType || type instanceof DecimalType)
                    && new BigInteger(value).toString().equals(value);
        } catch (DateTimeException | IllegalArgumentException e) {
            return false;
        }
    }
}
