package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.util.ReflectionUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.io.ZStdCompressionCodec;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xerial.snappy.SnappyFramedOutputStream;

/** Rule R3: what does not take part is refused, or counted by its reason; see docs/design.md. */
@Tag("slow")
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class LeftOutTest {

    private static final String SMALL =
            " --hidden-size 2 --embedding-size 2 --max-iter 1 --num-shards 1 --engine local";
    private static final String NAMES = " --features-col name --label-col sex";

    @TempDir
    static Path directory;

    private static CommandRunner command;
    private static int models;

    @BeforeAll
    static void makeRunner(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    /** How bytes are packed. */
    @FunctionalInterface
    private interface Packing {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] packed(byte[] content, Packing packing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packing.over(bytes)) {
            new ByteArrayInputStream(content).transferTo(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static Packing hadoop(String codec) {
        return out -> {
            Configuration conf = new Configuration(false);
            try {
                Class<?> type = Class.forName("org.apache.hadoop.io.compress." + codec);
                return ((CompressionCodec) ReflectionUtils.newInstance(type, conf)).createOutputStream(out);
            } catch (ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        };
    }

    private static byte[] text(String... lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] names() {
        String[] lines = new String[401];
        lines[0] = "name,sex";
        for (int i = 1; i <= 400; i++) {
            lines[i] = Integer.toString(i * 7919, 26) + (i % 2 == 0 ? ",F" : ",M");
        }
        return text(lines);
    }

    private static Outcome train(String line) {
        return command.run("train --model " + directory + "/model-" + models++ + SMALL + " " + line);
    }

    private static Path folder(Map<String, byte[]> files) throws IOException {
        Path folder = directory.resolve("in-" + models++);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return folder;
    }

    /**
     * A folder with files that are not all read as they come.
     *
     * @param said words of the sentence under error; none where it is no error
     * @param sequences what is read with skip; -1 where skip does not help
     */
    private record Folder(
            String name, Map<String, byte[]> files, List<String> said, int sequences, Map<String, Integer> skipped) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static Folder refused(String file, byte[] content, String... said) {
        return new Folder(
                file, Map.of("a.csv", text("name,sex", "anna,F"), file, content), List.of(said), -1, Map.of());
    }

    static Stream<Folder> folders() {
        byte[] names = names();
        byte[] two = text("name,sex", "anna,F", "bob,M");
        byte[] gzip = packed(names, GZIPOutputStream::new);
        byte[] bzip2 = packed(names, hadoop("BZip2Codec"));
        byte[] zstd = packed(names, out -> new ZStdCompressionCodec(new SparkConf()).compressedOutputStream(out));
        byte[] deflate = packed(names, DeflaterOutputStream::new);
        String use = "use gzip, bzip2 or zstd";
        return Stream.of(
                refused("frame.csv.lz4", packed(names, LZ4FrameOutputStream::new), "frame.csv.lz4", "LZ4", use),
                refused("none.csv.lz4", text("name,sex"), "none.csv.lz4"),
                refused("framed.csv.snappy", packed(names, SnappyFramedOutputStream::new), "framed.csv.snappy", use),
                refused("plain.csv.zst", names, "cannot read", "plain.csv.zst"),
                refused("plain.csv.bz2", names, "cannot read", "plain.csv.bz2"),
                refused("plain.csv.deflate", names, "cannot read", "plain.csv.deflate"),
                refused("plain.csv.snappy", names, "plain.csv.snappy is not Snappy as Hadoop writes it", use),
                refused("cut.csv.gz", cut(gzip), "cannot read", "cut.csv.gz"),
                refused("cut.csv.bz2", cut(bzip2), "cannot read", "cut.csv.bz2"),
                refused("cut.csv.zst", cut(zstd), "cannot read", "cut.csv.zst"),
                refused("cut.csv.deflate", cut(deflate), "cannot read", "cut.csv.deflate"),
                refused("half.csv.bz2", Arrays.copyOf(bzip2, 3), "cannot read", "half.csv.bz2"),
                refused("names.csv.xz", names, "names.csv.xz", "xz", use),
                refused("names.csv.zz", names, "names.csv.zz", use),
                refused("names.zip", names, "names.zip", "zip", use),
                refused("names.csv.Z", names, "names.csv.Z", use),
                refused("names.csv.br", names, "names.csv.br", use),
                refused("names.tar.gz", gzip, "names.tar.gz", "tar"),
                refused("names.csv", gzip, "names.csv", "gzip", ".gz"),
                refused("zstd.csv", zstd, "zstd.csv", "zstd", ".zst"),
                // what has nothing to read is no loss
                read("empty.csv", new byte[0]),
                read("empty.csv.gz", packed(new byte[0], GZIPOutputStream::new)),
                read("_SUCCESS", new byte[0]),
                read(".a.csv.crc", text("sum")),
                // what Spark hides, and what it does not enter
                new Folder(
                        "hidden",
                        Map.of("a.csv", two, "_b.csv", two, ".c.csv", two),
                        List.of(),
                        2,
                        Map.of("file whose name begins with _ or .", 2)),
                new Folder(
                        "below",
                        Map.of("a.csv", two, "more/b.csv", two, "more/c/d.csv", two),
                        List.of("below", "b.csv", "sub-folder", "recursiveFileLookup=true"),
                        2,
                        Map.of("file in a sub-folder", 2)));
    }

    private static Folder read(String file, byte[] content) {
        Map<String, byte[]> files = Map.of("a.csv", text("name,sex", "anna,F", "bob,M"), file, content);
        return new Folder(file, files, List.of(), 2, Map.of());
    }

    private static byte[] cut(byte[] content) {
        return Arrays.copyOf(content, content.length - 20);
    }

    @ParameterizedTest
    @MethodSource("folders")
    void filesOfAFolder_areReadRefusedOrCounted(Folder folder) throws IOException {
        Path input = folder(folder.files);
        String line = "--train " + input + NAMES;
        if (!folder.said.isEmpty()) {
            String[] said = folder.said.stream()
                    .map(word -> word.equals(folder.name) && folder.sequences >= 0 ? input.toString() : word)
                    .toArray(String[]::new);
            train(line).assertRefused(said);
        }
        Outcome skipping = train(line + " --handle-invalid skip");
        if (folder.sequences < 0) {
            skipping.assertRefused(folder.said.toArray(new String[0]));
            return;
        }
        assertCounted(skipping, folder.sequences, folder.skipped);
        if (folder.said.isEmpty()) {
            assertCounted(train(line), folder.sequences, folder.skipped);
        }
    }

    private static void assertCounted(Outcome outcome, int sequences, Map<String, Integer> skipped) {
        assertEquals(sequences, outcome.json().get("sequences").asInt(), outcome.line());
        assertEquals(new ObjectMapper().valueToTree(skipped), outcome.json().get("skipped"), outcome.line());
    }

    /** However many bytes of a packed file are missing, no row is lost without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"gz", "bz2", "zst", "deflate", "snappy", "lz4"})
    void packedFileThatEndsEarly_isRefusedWherever(String suffix) throws IOException {
        Packing packing =
                switch (suffix) {
                    case "gz" -> GZIPOutputStream::new;
                    case "bz2" -> hadoop("BZip2Codec");
                    case "zst" -> out -> new ZStdCompressionCodec(new SparkConf()).compressedOutputStream(out);
                    case "deflate" -> DeflaterOutputStream::new;
                    case "snappy" -> hadoop("SnappyCodec");
                    default -> hadoop("Lz4Codec");
                };
        byte[] half = packed(text("name,sex", "anna,F", "bob,M"), packing);
        byte[] whole = packed(names(), packing);
        Path file = folder(Map.of("all.csv." + suffix, whole)).resolve("all.csv." + suffix);
        String line = "--train " + file + NAMES;
        assertCounted(train(line), 400, Map.of());
        for (int length :
                new int[] {1, 2, 4, 9, 15, half.length, whole.length / 2, whole.length - 9, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            train(line).assertRefused("all.csv." + suffix);
        }
        // A file of several members is read whole where the format has members.
        if (!suffix.equals("deflate")) {
            byte[] more = packed(text("carl,M", "dora,F"), packing);
            byte[] both = Arrays.copyOf(half, half.length + more.length);
            System.arraycopy(more, 0, both, half.length, more.length);
            Files.write(file, both);
            assertCounted(train(line), 4, Map.of());
        }
    }

    /** The header is read by the codec that reads the rows. */
    @ParameterizedTest
    @ValueSource(strings = {"csv.zst", "tsv.zst", "csv.bz2", "csv.gz", "csv.deflate", "json.zst"})
    void packedFile_isReadWhateverItsFormat(String suffix) throws IOException {
        String text = new String(names(), StandardCharsets.UTF_8);
        if (suffix.startsWith("tsv")) {
            text = text.replace(',', '\t');
        } else if (suffix.startsWith("json")) {
            text = text.replace("name,sex\n", "").replaceAll("(.*),(.)\n", "{\"name\":\"$1\",\"sex\":\"$2\"}\n");
        }
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        Packing packing =
                switch (suffix.replaceAll(".*\\.", "")) {
                    case "zst" -> out -> new ZStdCompressionCodec(new SparkConf()).compressedOutputStream(out);
                    case "bz2" -> hadoop("BZip2Codec");
                    case "gz" -> GZIPOutputStream::new;
                    default -> DeflaterOutputStream::new;
                };
        Path input = folder(Map.of("in." + suffix, packed(content, packing)));
        String format = suffix.replaceAll("\\..*", "");
        assertCounted(train("--format " + format + " --train " + input + NAMES), 400, Map.of());
    }

    /** A directory name is text where a number would be another one. */
    @ParameterizedTest
    @ValueSource(strings = {"007", "1.10", "2024-1-5", "1e3"})
    void valueOfADirectoryName_isItsText(String value) throws IOException {
        byte[] one = text("name", "anna", "bob");
        Path input = folder(Map.of("sex=" + value + "/a.csv", one, "sex=8/b.csv", one));
        Path model =
                Path.of(train("--train " + input + NAMES).json().get("model").asText());
        assertTrue(
                Files.readString(model.resolve("data/spec.json")).contains("\"" + value + "\""),
                Files.readString(model.resolve("data/spec.json")));
    }

    /** Lines of a torn cell are all at fault: no half of it is a row. */
    @ParameterizedTest
    @MethodSource("torn")
    void tornCell_isNoRow(String cell, int lines) throws IOException {
        Path input = folder(Map.of("torn.csv", text("name,sex", "bob,M", cell, "carl,M")));
        String line = "--train " + input + NAMES;
        Outcome refused = train(line);
        refused.assertRefused("torn.csv, line 3: malformed line");
        assertEquals(cell.contains("\n"), refused.err().contains("multiLine=true"), refused.err());
        var skipped = train(line + " --handle-invalid skip").json();
        assertEquals(2, skipped.get("sequences").asInt());
        int counted = 0;
        for (var rows : skipped.get("skipped")) {
            counted += rows.asInt();
        }
        assertEquals(lines, counted, skipped.toString());
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> torn() {
        return Stream.of(
                        Map.entry("\"anna\nmaria\",F", 2),
                        Map.entry("\"anna,\nmaria\",F", 2),
                        Map.entry("\"anna\n,maria\",F", 2),
                        Map.entry("\"a\nb\nmaria\",F", 3),
                        Map.entry("x,\"F\nM\"", 2),
                        Map.entry("\"anna\nfay,F\nmaria\",F", 3), // whose second line looks like a row
                        Map.entry("x,\"F\nfay,F\nbea,F\ncora,F\nM\"", 5),
                        Map.entry("an\"na,F", 1),
                        Map.entry("anna\",F", 1),
                        Map.entry("anna,F\"", 1),
                        Map.entry("\"an\"\"na\nx\",\"F\"", 2),
                        Map.entry("\"anna\r\nmaria\",F", 2))
                .map(e -> org.junit.jupiter.params.provider.Arguments.of(e.getKey(), e.getValue()));
    }
}
