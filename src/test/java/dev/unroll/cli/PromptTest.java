package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.ml.RnnLanguageModelModel;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt has one reader, in the shell and in Java, which cuts it as it cuts rows to train on; Python calls the same. */
@SparkTest
class PromptTest {

    @TempDir
    static Path directory;

    private static CommandRunner commands;

    @BeforeAll
    static void train(SparkSession spark) throws IOException {
        commands = new CommandRunner(spark);
        Path text = Files.writeString(directory.resolve("text.txt"), "in the beginning was the word\n".repeat(10));
        for (String tokenizer : List.of("char", "whitespace")) {
            commands.run("train --task language-model --format text --features-col value --train " + text
                            + " --tokenizer " + tokenizer
                            + " --hidden-size 12 --embedding-size 8 --num-shards 1 --step-size 0.03 --max-iter 80 --model "
                            + directory.resolve(tokenizer))
                    .json();
        }
    }

    /** Spaces are tabs here, since the runner of commands cuts at spaces. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "whitespace, in\tthe, in|the, 0",
        "whitespace, '\tin\t\tthe\t', in|the, 0",
        "whitespace, in\u2003the, in\u2003the, 1", // an em space is no white space of the tokenizer
        "whitespace, in, in, 0",
        "whitespace, in\ta\tzoo, in|a|zoo, 2",
        "whitespace, In\tthe, In|the, 1",
        "whitespace, zebra, zebra, 1",
        "whitespace, a\tzoo, a|zoo, 2",
        "char, in, i|n, 0",
        "char, inz, i|n|z, 1",
        "char, \uD83D\uDE00n, \uD83D\uDE00|n, 1",
        "char, xyz, x|y|z, 3",
        "char, \u202E\u009B, \u202E|\u009B, 2",
    })
    void prompt_isReadAlike(String tokenizer, String prompt, String tokens, int unknown) {
        RnnLanguageModelModel model =
                RnnLanguageModelModel.load(directory.resolve(tokenizer).toString());
        List<String> expected = List.of(tokens.split("\\|"));
        assertEquals(expected, model.tokens(prompt));
        CommandRunner.Outcome shell =
                commands.run("generate --model " + directory.resolve(tokenizer) + " --length 9 --prompt " + prompt);
        assertTrue(shell.err().codePoints().noneMatch(point -> point == 0x202E || point == 0x9B), shell.err());
        JsonNode json = shell.json();
        assertEquals(unknown, json.get("unknownTokens").asInt());
        List<String> added = model.generate(expected, 9, 1, 0, 1);
        assertEquals(added, model.generate(prompt, 9, 1, 0, 1));
        assertEquals(
                String.join(tokenizer.equals("char") ? "" : " ", added),
                json.get("text").asText());
    }

    @Test
    void noPrompt_isNoError() {
        for (String tokenizer : List.of("char", "whitespace")) {
            assertEquals(
                    0,
                    commands.run("generate --length 3 --model " + directory.resolve(tokenizer))
                            .json()
                            .get("unknownTokens")
                            .asInt());
        }
    }
}
