package dev.unroll.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.CommandRunner;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model out as files, and in again as the beginning of a training; check_exports.py runs the files in other tools.
 */
@SparkTest
class ExportTest {

    private static final String DATA =
            " --train DIR/names.csv --features-col name --label-col sex --hidden-size 8 --num-layers 2";

    private static SparkSession spark;

    @TempDir
    Path directory;

    private CommandRunner.Outcome run(String line) {
        return new CommandRunner(spark).run(line.replace("DIR", directory.toString()));
    }

    private static String hash(CommandRunner.Outcome outcome) {
        return outcome.json().get("parameterHash").asText();
    }

    private void writeNames() throws IOException {
        List<String> lines = new ArrayList<>(List.of("name,sex"));
        for (String start : List.of("ann", "mari", "juli", "paul", "carl", "robert")) {
            lines.add(start + "a,F");
            lines.add(start + "o,M");
        }
        Files.write(directory.resolve("names.csv"), lines);
    }

    @Test
    void exports_areWholeFiles_andTrainingBeginsWithThem() throws IOException {
        writeNames();
        CommandRunner.Outcome trained = run("train --model DIR/model --max-iter 5" + DATA);
        assertEquals(0, trained.code(), trained.err());

        CommandRunner.Outcome onnx = run("export --model DIR/model --to onnx --output DIR/out/model.onnx");
        assertEquals(0, onnx.code(), onnx.err());
        ModelProto graph = ModelProto.parseFrom(Files.readAllBytes(directory.resolve("out/model.onnx")));
        List<String> operators = graph.getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
        assertEquals(2, operators.stream().filter("LSTM"::equals).count(), operators.toString());
        assertEquals("outputs", graph.getGraph().getOutput(0).getName());

        assertEquals(
                0,
                run("export --model DIR/model --to safetensors --output DIR/model.safetensors")
                        .code());
        // A step this small changes no bit, so what comes out is what training began with.
        for (String init : List.of("DIR/model", "DIR/model.safetensors")) {
            CommandRunner.Outcome again =
                    run("train --model DIR/again --overwrite --max-iter 1 --step-size 1e-30 --init " + init + DATA);
            assertEquals(0, again.code(), again.err());
            assertEquals(hash(trained), hash(again), init);
        }
    }

    /** A cell with parameters of its own: they are in the file under their names, and training begins with them. */
    @Test
    void parametersOfAnOwnCell_areExported_andReadAgain() throws IOException {
        writeNames();
        CommandRunner.Outcome trained = run("train --model DIR/own --cell layernormlstm --max-iter 5" + DATA);
        assertEquals(0, trained.code(), trained.err());
        String file = "DIR/own.safetensors";
        assertEquals(
                0,
                run("export --model DIR/own --to safetensors --output " + file).code());
        byte[] bytes = Files.readAllBytes(directory.resolve("own.safetensors"));
        String header = new String(
                bytes, 8, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(), UTF_8);
        JsonNode gain = new ObjectMapper().readTree(header).path("rnn.gain_ih_l1");
        assertEquals("[32]", gain.path("shape").toString(), header);
        for (String init : List.of("DIR/own", file)) {
            CommandRunner.Outcome again = run(
                    "train --model DIR/again --overwrite --cell layernormlstm --max-iter 1 --step-size 1e-30 --init "
                            + init + DATA);
            assertEquals(hash(trained), hash(again), again.err());
        }
    }

    @Test
    void whatCannotBe_isRefusedWithOneSentence() throws IOException {
        writeNames();
        assertEquals(0, run("train --model DIR/model --max-iter 1" + DATA).code());
        assertEquals(
                0,
                run("train --model DIR/own --cell peephole --max-iter 1" + DATA).code());
        Files.writeString(directory.resolve("there.onnx"), "mine");
        refused("export --model DIR/model --to onnx --output DIR/there.onnx", "exists already");
        assertEquals("mine", Files.readString(directory.resolve("there.onnx")));
        refused(
                "export --model DIR/model --to pickle --output DIR/x",
                "to is pickle; allowed are onnx and safetensors");
        refused("export --model DIR/own --to onnx --output DIR/own.onnx", "cell peephole is none of ONNX's operators");
        assertTrue(Files.notExists(directory.resolve("own.onnx")));
        refused("export --model DIR/none --to onnx --output DIR/x", "cannot read model");
        refused("train --model DIR/other --init DIR/model --cell gru --max-iter 1" + DATA, "is another network");
        refused("train --model DIR/other --init DIR/nothing.safetensors --max-iter 1" + DATA, "cannot begin with init");
        assertEquals(
                0,
                run("export --model DIR/own --to safetensors --output DIR/own.safetensors")
                        .code());
        refused("train --model DIR/other --init DIR/own.safetensors --max-iter 1" + DATA, "cannot begin with init");
        Files.write(directory.resolve("names.csv"), List.of("name,sex", "xyz,F", "zyx,M"));
        refused("train --model DIR/other --init DIR/model --max-iter 1" + DATA, "is another network");
    }

    private void refused(String line, String words) {
        run(line).assertRefused(words);
    }
}
