package dev.unroll.ml;

import dev.unroll.data.CanonicalRow;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.rows.InputColumns;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.source.Fault;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Takes an event, whose columns have one value each, gives a row of one step, as the model's rows of whole sequences are
 * read: what is an array with a value for each step there is one of them here.
 */
final class StepParser implements Serializable {

    private static final long serialVersionUID = 1L;

    private final RowParser parser;
    private final int[] columns; // of an event, in the order of the parser
    private final boolean[] ofSteps;

    /** @throws dev.unroll.data.InputException if a column is missing or of a type that cannot be used */
    StepParser(StructType events, RowSpec spec, Model model) {
        List<String> steps = steps(spec);
        StructType rows = new StructType();
        for (StructField field : events.fields()) {
            rows = steps.contains(field.name())
                    ? rows.add(field.name(), DataTypes.createArrayType(field.dataType()))
                    : rows.add(field);
        }
        this.parser = new RowParser(rows, unlabelled(spec), null)
                .forInput(model.spec().input());
        List<String> read = parser.columns();
        this.columns = read.stream().mapToInt(events::fieldIndex).toArray();
        this.ofSteps = new boolean[read.size()];
        for (int i = 0; i < ofSteps.length; i++) {
            ofSteps[i] = steps.contains(read.get(i));
        }
    }

    private static List<String> steps(RowSpec spec) {
        return spec.inputs().isSome()
                ? Stream.concat(
                                spec.inputs().numbers().stream(),
                                spec.inputs().categories().stream().map(InputColumns.Category::column))
                        .toList()
                : List.of(spec.featuresCol());
    }

    /** A language model's documents are cut into windows, and a step is none. */
    private static RowSpec unlabelled(RowSpec spec) {
        return spec.task() != LearningTask.LANGUAGE_MODEL
                ? spec
                : new RowSpec(
                        LearningTask.TAGGING,
                        spec.featuresCol(),
                        null,
                        null,
                        spec.tokenizer(),
                        0,
                        spec.maxLength(),
                        spec.steps(),
                        spec.inputs(),
                        null);
    }

    CanonicalRow parse(Row event) throws Fault {
        List<Object> values = new ArrayList<>(columns.length);
        for (int i = 0; i < columns.length; i++) {
            Object value = event.get(columns[i]);
            values.add(
                    ofSteps[i]
                            ? CollectionConverters.asScala(Collections.singletonList(value))
                                    .toSeq()
                            : value);
        }
        return parser.parse(RowFactory.create(values.toArray())).get(0);
    }
}
