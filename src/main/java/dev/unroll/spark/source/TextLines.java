package dev.unroll.spark.source;

import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Lines of plain text: each is a row, blank ones too, with one column, {@code value}. */
final class TextLines implements LineParser {

    private static final long serialVersionUID = 1L;

    @Override
    public StructType schema() {
        return new StructType().add("value", DataTypes.StringType);
    }

    @Override
    public boolean hasHeader() {
        return false;
    }

    @Override
    public boolean isRow(String line) {
        return true;
    }

    @Override
    public List<String> cells(String line) {
        return List.of(line);
    }
}
