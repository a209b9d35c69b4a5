package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.cli.CommandRunner;
import dev.unroll.nn.Loss;
import dev.unroll.nn.LossNames;
import dev.unroll.testing.SparkTest;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
@SparkTest
class GradCheckCommandTest {

    private static CommandRunner commands;

    @BeforeAll
    static void start(SparkSession spark) {
        commands = new CommandRunner(spark);
    }

    /** Every loss that there is meets the cell. */
    @ParameterizedTest
    @ValueSource(strings = {"one-column", "mixed"})
    void gradcheck_ofOneCell_findsNothing(String input) {
        CommandRunner.Outcome check =
                commands.run("gradcheck --cell gru --num-layers 1 --hidden-size 3 --input " + input);
        assertEquals(16, check.json().get("combinations").asInt());
        Set<Loss.Kind> checked = new TreeSet<>();
        Pattern.compile(", (?:the [a-z ]+|every state), ([a-z-]+(?::[0-9.,]+[0-9])?), ")
                .matcher(check.out())
                .results()
                .forEach(found -> checked.add(LossNames.of(found.group(1)).kind()));
        assertEquals(Set.of(Loss.Kind.values()), checked, check.out());
        assertTrue(check.json().get("referenceError").asDouble() < 1e-7, check.out());
        assertTrue(check.json().get("kernelError").asDouble() < 1e-4, check.out());
    }

    @Test
    void gradcheck_ofTheLstm_projectsItsStatesToo() {
        CommandRunner.Outcome check = commands.run("gradcheck --cell lstm --num-layers 1 --hidden-size 3");
        assertEquals(32, check.json().get("combinations").asInt());
        assertTrue(check.out().contains("lstm projected to 1, 1 layer, both directions"), check.out());
        assertTrue(check.json().get("referenceError").asDouble() < 1e-7, check.out());
        assertTrue(check.json().get("kernelError").asDouble() < 1e-4, check.out());
    }

    @Test
    void gradcheck_ofAnUnknownCell_isRefused() {
        CommandRunner.Outcome unknown = commands.run("gradcheck --cell grü");
        assertEquals(2, unknown.code());
        assertEquals(
                "unroll: cell is grü; allowed are elman, lstm, gru and mingru",
                unknown.err().strip());
    }
}
