package dev.unroll.preflight;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.util.List;

/**
 * What it takes to bring parameters to tasks, or their sums back: linear in the number of tasks and in the bytes. A
 * megabyte is 10^6 bytes.
 *
 * @param ms whatever the number of tasks and bytes: latency, or the launch of a job
 * @param taskMs more for each task, one after the other: to launch it, or to answer its call
 * @param mbMs for each megabyte of parameters, once: what each task sends, receives or reads while the others do too
 * @param taskMbMs for each megabyte of parameters and each task, or each sum where a task sends several: what the driver
 *     and its link have to do one after the other
 */
public record ExchangeCost(double ms, double taskMs, double mbMs, double taskMbMs) {

    private static final List<String> FIELDS = List.of("ms", "taskMs", "mbMs", "taskMbMs");

    /**
     * In ms.
     *
     * @param tasks how many
     * @param sums that all of them send together; tasks where parameters go out
     * @param megabytes of theta
     */
    double ms(double tasks, double sums, double megabytes) {
        return ms + taskMs * tasks + megabytes * (mbMs + taskMbMs * sums);
    }

    void write(JsonGenerator json, String field) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeNumberField("ms", ms);
        json.writeNumberField("taskMs", taskMs);
        json.writeNumberField("mbMs", mbMs);
        json.writeNumberField("taskMbMs", taskMbMs);
        json.writeEndObject();
    }

    static ExchangeCost read(StrictJson json) throws IOException {
        double[] numbers = new double[FIELDS.size()];
        json.object(FIELDS, field -> numbers[FIELDS.indexOf(field)] = json.number(0));
        return new ExchangeCost(numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
