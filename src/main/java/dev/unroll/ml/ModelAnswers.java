package dev.unroll.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unroll.data.InputException;
import org.apache.spark.ml.Model;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Reads a {@link Question}, and has the model answer it. */
public final class ModelAnswers implements Answers {

    /** For {@link java.util.ServiceLoader}. */
    public ModelAnswers() {}

    @Override
    public Dataset<Row> answer(Model<?> model, String question, Dataset<?> dataset) {
        try {
            return JsonMapper.builder()
                    .build()
                    .readValue(question, Question.class)
                    .answer((RnnModel<?>) model, dataset);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    "the Param question is none that this version knows: " + e.getOriginalMessage(), e);
        }
    }
}
