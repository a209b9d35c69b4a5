package dev.unroll.ml;

import java.util.ServiceLoader;
import org.apache.spark.ml.Model;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Who answers the questions that a model is asked through its {@code transform}. Models know this interface alone, since the answers are made
 * of what stands above them, such as {@link Evaluation}; the services file has the class.
 */
public interface Answers {

    /**
     * The table that answers a question.
     *
     * @param question as JSON
     * @param dataset the rows that it is about; where it is about none, any table of the session
     * @throws dev.unroll.data.InputException if there is no such question
     */
    Dataset<Row> answer(Model<?> model, String question, Dataset<?> dataset);

    static Answers get() {
        return ServiceLoader.load(Answers.class, Answers.class.getClassLoader())
                .findFirst()
                .orElseThrow();
    }
}
