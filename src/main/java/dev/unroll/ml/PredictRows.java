package dev.unroll.ml;

import dev.unroll.data.Sequence;
import dev.unroll.model.Prediction;
import dev.unroll.spark.rows.InternalRows;
import dev.unroll.spark.rows.UsedRows;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import dev.unroll.spark.source.RowPlace;
import dev.unroll.spark.source.RowPlaces;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * Rows of a partition to the same rows with the columns that a model adds, in their order. Some rows are kept at a time,
 * and predicted together: those of about the same length in one packed batch.
 */
final class PredictRows implements InternalRows.Partition {

    private static final long serialVersionUID = 1L;

    private static final int MAX_ROWS = 1024; // at a time, and fewer if they have more than these
    private static final int MAX_STEPS = 1 << 16;
    private static final int MAX_OUTPUTS = 1 << 20;
    private static final int MAX_BYTES = 1 << 24;

    private final PredictFunction function;
    private final StructType schema;
    private final StructType added;
    private final UsedRows used;

    /**
     * @param schema of the rows
     * @param added the columns
     * @param used counts the rows, of which the last column is their {@link Origin}, and leaves out those that cannot be
     *     used; null where the function says what becomes of these
     */
    PredictRows(PredictFunction function, StructType schema, StructType added, UsedRows used) {
        this.function = function;
        this.schema = schema;
        this.added = added;
        this.used = used;
    }

    @Override
    public Iterator<InternalRow> of(Iterator<InternalRow> rows) {
        return new Predicted(rows);
    }

    private final class Predicted implements Iterator<InternalRow> {

        private final Iterator<InternalRow> rows;
        private final int[] columns =
                function.columns().stream().mapToInt(schema::fieldIndex).toArray();
        private final List<Function1<Object, Object>> converters = new ArrayList<>(); // of these columns
        private final Function1<Object, Object> origins; // null where rows do not have them
        private final Function1<Object, Object> results = CatalystTypeConverters.createToCatalystConverter(added);
        private final RowPlaces places = new RowPlaces();
        private final List<InternalRow> kept = new ArrayList<>();
        private final JoinedRow joined = new JoinedRow();
        private final UnsafeProjection copies =
                UnsafeProjection.create(schema); // rows come in other forms too, of no known size
        private List<Prediction> predicted = List.of();
        private int next;
        private boolean refused; // for a row that cannot be used: the others are only looked at

        private Predicted(Iterator<InternalRow> rows) {
            this.rows = rows;
            for (int column : columns) {
                converters.add(CatalystTypeConverters.createToScalaConverter(type(column)));
            }
            origins = used == null ? null : CatalystTypeConverters.createToScalaConverter(type(schema.size() - 1));
        }

        private DataType type(int column) {
            return schema.fields()[column].dataType();
        }

        @Override
        public boolean hasNext() {
            while (next == kept.size() && rows.hasNext()) {
                predictSome();
            }
            return next < kept.size();
        }

        @Override
        public InternalRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            InternalRow row = kept.get(next);
            InternalRow result = (InternalRow) results.apply(function.row(predicted.get(next++)));
            return joined.apply(row, result);
        }

        private void predictSome() {
            kept.clear();
            next = 0;
            List<Sequence> parsed = new ArrayList<>();
            long steps = 0;
            long outputs = 0;
            long bytes = 0;
            while (rows.hasNext()
                    && kept.size() < MAX_ROWS
                    && steps < MAX_STEPS
                    && outputs < MAX_OUTPUTS
                    && bytes < MAX_BYTES) {
                InternalRow row = rows.next();
                Sequence usable = used == null ? parsed(row) : counted(row);
                if (usable != null && !refused) {
                    parsed.add(usable);
                    UnsafeRow copy = copies.apply(row).copy();
                    kept.add(copy);
                    steps += usable.length();
                    outputs += function.outputs(usable);
                    bytes += copy.getSizeInBytes();
                }
            }
            predicted = function.predictAll(parsed);
            if (used != null) {
                used.addUsable(kept.size());
            }
        }

        /** Null for a row that is left out. */
        private Sequence parsed(InternalRow row) {
            try {
                return function.parse(read(row));
            } catch (Fault fault) {
                function.unusable(fault);
                return null;
            }
        }

        /** Null for a row that cannot be used. */
        private Sequence counted(InternalRow row) {
            int last = schema.size() - 1;
            Row origin = (Row) origins.apply(row.get(last, type(last)));
            RowPlace place = places.next(origin);
            try {
                Fault known = Origin.fault(origin);
                if (known != null) {
                    throw known;
                }
                return function.parse(read(row));
            } catch (Fault fault) {
                used.add(BadRow.of(place, fault));
                refused = !function.skips();
                return null;
            }
        }

        private Row read(InternalRow row) {
            Object[] values = new Object[columns.length];
            for (int i = 0; i < values.length; i++) {
                int column = columns[i];
                values[i] = row.isNullAt(column) ? null : converters.get(i).apply(row.get(column, type(column)));
            }
            return RowFactory.create(values);
        }
    }
}
