package dev.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.DeserializeToObject;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Function1;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Columns added to rows many at a time: the rows of a partition as Spark has them inside, so that the other columns cost
 * nothing and stay what they are. As objects of Java, days before 1582 and text that is no UTF-8 would become others.
 */
public final class InternalRows {

    /*
     * The plan is that of Dataset.mapPartitions, whose object is here the row itself, as a struct of its columns; an
     * encoder cannot say so. Expand takes the columns out of it again: it may give them the ids that they had, so that columns
     * of the dataset given are columns of the result, as after withColumn. A projection may not, and Spark believes that
     * it can prune the structs in what serializes an object. All columns of the dataset are read, whichever are used.
     */

    private static final String OBJECT = "obj"; // as Spark names it

    /** What is done with the rows of a partition. */
    public interface Partition extends Serializable {
        /**
         * @param rows each is valid until the next one is taken
         * @return rows with the columns of those taken, and then those added; each may be valid until the next one is taken
         */
        Iterator<InternalRow> of(Iterator<InternalRow> rows);
    }

    private InternalRows() {}

    /**
     * The dataset with columns added, and perhaps without some of its rows; nothing runs before it is used.
     *
     * @param added the columns
     */
    public static Dataset<Row> added(Dataset<?> dataset, StructType added, Partition partition) {
        org.apache.spark.sql.classic.Dataset<?> given = (org.apache.spark.sql.classic.Dataset<?>) dataset;
        LogicalPlan plan = given.logicalPlan();
        List<Attribute> columns = new ArrayList<>(CollectionConverters.asJava(plan.output()));
        LogicalPlan rows = new DeserializeToObject(struct(columns), object(columns), plan);
        for (StructField column : added.fields()) {
            columns.add(attribute(column));
        }
        Attribute whole = object(columns);
        List<Expression> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(new GetStructField(whole, i, Option.empty()));
        }
        LogicalPlan mapped = new MapPartitions(function(partition), whole, rows);
        LogicalPlan result = new Expand(seq(List.of(seq(values))), seq(columns), mapped);
        return org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(given.sparkSession(), result);
    }

    private static Expression struct(List<Attribute> columns) {
        List<Expression> namesAndValues = new ArrayList<>();
        for (Attribute column : columns) {
            namesAndValues.add(new Literal(UTF8String.fromString(column.name()), DataTypes.StringType));
            namesAndValues.add(column);
        }
        return new CreateNamedStruct(seq(namesAndValues));
    }

    /** A row with these columns, as one value. */
    private static Attribute object(List<Attribute> columns) {
        StructField[] fields = columns.stream()
                .map(column -> new StructField(column.name(), column.dataType(), column.nullable(), column.metadata()))
                .toArray(StructField[]::new);
        return attribute(new StructField(OBJECT, new StructType(fields), false, Metadata.empty()));
    }

    private static Attribute attribute(StructField column) {
        return new AttributeReference(
                column.name(),
                column.dataType(),
                column.nullable(),
                column.metadata(),
                NamedExpression.newExprId(),
                seq(List.of()));
    }

    @SuppressWarnings("unchecked") // objects of both nodes are rows
    private static Function1<scala.collection.Iterator<Object>, scala.collection.Iterator<Object>> function(
            Partition partition) {
        return (Function1<scala.collection.Iterator<Object>, scala.collection.Iterator<Object>> & Serializable)
                rows -> (scala.collection.Iterator<Object>) (scala.collection.Iterator<?>) CollectionConverters.asScala(
                        partition.of((Iterator<InternalRow>) (Iterator<?>) CollectionConverters.asJava(rows)));
    }

    private static <T> Seq<T> seq(List<T> list) {
        return CollectionConverters.asScala(list).toSeq();
    }
}
