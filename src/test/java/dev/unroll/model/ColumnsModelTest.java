package dev.unroll.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Columns;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Standardization;
import dev.unroll.data.Vocabulary;
import dev.unroll.format.FormatException;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that read columns, as files: what is written comes back, and what is harmed is refused by name. */
class ColumnsModelTest {

    private static final Columns COLUMNS = new Columns(
            List.of("price", "sold"),
            List.of(new Columns.Category("page", Vocabulary.ofTokens(List.of("a", "b")))),
            List.of("size"),
            List.of(new Columns.Category("town", Vocabulary.ofTokens(List.of("x")))));

    private static final NetworkSpec.Mixed INPUT = new NetworkSpec.Mixed(
            2,
            true,
            List.of(new NetworkSpec.Category("page", 3, 4)),
            1,
            List.of(new NetworkSpec.Category("town", 2, 1)));

    private static final Scaling SCALING = new Scaling(
                    Standardization.of(new float[] {1, 2}, new float[] {3, 4}), Standardization.NONE)
            .withStatics(new Standardization(new double[] {1e9 + 0.1}, new double[] {0.3}, true));

    private static Model model(NetworkSpec.Input input, Columns columns, Scaling scaling) {
        NetworkSpec spec = new NetworkSpec(input, "gru", "tanh", 3, new HeadSpec(2, false));
        Encoding encoding = new Encoding(null, Labels.ofText(List.of("no", "yes")), scaling, columns);
        float[] theta = Initializer.initialize(spec.layout(), 1);
        return new Model(LearningTask.CLASSIFICATION, spec, theta, encoding, Map.of("seed", "1"));
    }

    private static Model readBack(Model model) throws FormatException {
        Model.Files files = model.toFiles();
        Model read = Model.of(files);
        assertEquals(files.spec(), read.toFiles().spec());
        assertEquals(model.spec(), read.spec());
        assertEquals(model.encoding().columns(), read.encoding().columns());
        assertArrayEquals(model.theta(), read.theta());
        Standardization statics = model.scaling().statics();
        assertArrayEquals(statics.means(), read.scaling().statics().means());
        assertArrayEquals(statics.deviations(), read.scaling().statics().deviations());
        assertEquals(statics.inDouble(), read.scaling().statics().inDouble());
        assertEquals(model.scaling().kind(), read.scaling().kind());
        return read;
    }

    @Test
    void columns_comeBackFromFiles() throws FormatException {
        Model read = readBack(model(INPUT, COLUMNS, SCALING));
        assertTrue(
                read.toFiles().spec().startsWith("{\n  \"format\" : 2,"),
                read.toFiles().spec());
        assertEquals(4, read.spec().layout().slot("embeddings.page.weight").columns());
        assertEquals(
                1, read.spec().layout().slot("static_embeddings.town.weight").columns());
        readBack(model(INPUT, COLUMNS, Scaling.NONE));
        readBack(model(INPUT, COLUMNS, Scaling.BY_WINDOW.withStatics(SCALING.statics())));
        NetworkSpec.Mixed features = new NetworkSpec.Mixed(3, true, List.of(), 0, List.of());
        Standardization inputs = Standardization.of(new float[] {1, 2, 3}, new float[] {3, 4, 5});
        readBack(model(features, Columns.OF_FEATURES, new Scaling(inputs, Standardization.NONE)));
    }

    @Test
    void horizon_comesBackFromFiles() throws FormatException {
        HeadSpec head = new HeadSpec(new Loss.SquaredError(), 1, true);
        NetworkSpec spec = new NetworkSpec(INPUT, "gru", "tanh", 3, head);
        float[] theta = Initializer.initialize(spec.layout(), 1);
        Encoding encoding = new Encoding(null, null, Scaling.NONE, COLUMNS, 12);
        Model read = readBack(new Model(LearningTask.REGRESSION, spec, theta, encoding, Map.of()));
        assertEquals(12, read.horizon());
        assertTrue(
                read.toFiles().spec().contains("\"horizon\" : 12"),
                read.toFiles().spec());
    }

    /** What would be scaled by a window has to be there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0 | the scaling is one by window, of numbers; the network reads categories alone",
                "2 | 2 | the scaling leaves 2 numbers as they are, and a step has 2; allowed is less",
                "2 | 5 | the scaling leaves 5 numbers as they are, and a step has 2; allowed is less",
            })
    void scalingByWindowOfNothing_isRefused(int numbers, int unscaled, String message) {
        NetworkSpec.Mixed input = new NetworkSpec.Mixed(
                numbers, numbers > 0, List.of(new NetworkSpec.Category("page", 3, 4)), 0, List.of());
        Columns columns =
                new Columns(COLUMNS.numbers().subList(0, numbers), COLUMNS.categories(), List.of(), List.of());
        Scaling scaling = Scaling.byWindow(unscaled);
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> model(input, columns, scaling))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"format\": 2 | \"format\": 1 | is of format 1, and has what came with 2",
                "\"masked\": true, |  | lacks the field masked",
                "\"numbers\": [ \"price\", \"sold\" ] | \"numbers\": [ \"price\" ] | the scaling is of 2 inputs",
                "\"numbers\": [ \"price\", \"sold\" ] | \"numbers\": [ \"price\", \"page\" ] | a column is there twice",
                "\"numbers\": [ \"price\", \"sold\" ] | \"width\": 2 | has a width and columns; allowed is one of the two",
                "\"column\": \"page\" | \"column\": \"sites\" | there is no vocabulary of column sites",
                "\"column\": \"town\" | \"column\": \"page\" | page",
                "\"column\": \"page\" | \"column\": \"p.q\" | allowed is a name without a dot",
                "\"vocabulary\": 3 | \"vocabulary\": 4 | the columns are [price, sold, page, size, town]; the network",
                "\"vocabulary\": 3 | \"vocabulary\": 0 | is 0; allowed is a whole number from 1 to",
                "\"embeddingSize\": 4 | \"embeddingSize\": 0 | is 0; allowed is a whole number from 1 to",
                "\"embeddingSize\": 4 | \"embeddingSize\": 16777216 | the width of a step is 16777220; allowed is at",
                "\"page\": [ \"a\", \"b\" ] | \"page\": [ \"a\", \"a\" ] | holds token \"a\" twice",
                "\"page\": [ \"a\", \"b\" ] | \"page\": [ \"a\", \"b\" ], \"z\": [] | there is a vocabulary of z, which is no",
                "\"page\": [ \"a\", \"b\" ] | \"page\": [ \"a\", \"b\" ], \"page\": [] | uplicate",
                "\"staticMeans\" | \"staticMeen\" | is an unknown field",
                "\"staticDeviations\": [ \"0x1.3333333333333p-2\" ], | | lacks the field staticDeviations",
                "\"0x1.3333333333333p-2\" | \"0x0.0p0\" | allowed are finite numbers, and deviations above 0",
                "\"0x1.3333333333333p-2\" ] | \"0x1.0p0\", \"0x1.0p0\" ] | the scaling has 1 means and 2 deviations",
                "\"staticNumbers\": [ \"size\" ] | \"staticNumbers\": [ ] | the scaling is of 1 numbers of a whole sequence",
                "\"mixed\": { | \"dense\": { \"width\": 3 }, \"mixed\": { | is a second input; allowed is one of tokens",
                "\"provenance\" | \"horizon\": 3, \"provenance\" | the horizon is 3, which goes with task regression, columns",
                "\"provenance\" | \"horizon\": 0, \"provenance\" | is 0; allowed is a whole number from 1 to",
                "\"vocabularies\" | \"vocabulary\": [ ], \"vocabularies\" | the vocabulary has 1 ids; the network's input has 0",
            })
    void aHarmedSpec_isRefusedByName(String text, String other, String why) {
        Model.Files files = model(INPUT, COLUMNS, SCALING).toFiles();
        String place = files.spec().replaceAll("\\s+", " ").replace("\" :", "\":");
        assertTrue(place.contains(text), place);
        String harmed = place.replace(text, other == null ? "" : other);
        Model.Files changed = new Model.Files(harmed, files.tensors());
        FormatException refused = assertThrows(FormatException.class, () -> Model.of(changed), harmed);
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
    }

    @Test
    void anyCutOfASpec_isRefused() throws IOException {
        byte[] spec = model(INPUT, COLUMNS, SCALING).toFiles().spec().getBytes(UTF_8);
        for (int length = 0; length < spec.length - 2; length++) {
            int cut = length;
            assertThrows(
                    FormatException.class,
                    () -> SpecJson.read(new ByteArrayInputStream(spec, 0, cut), cut, "spec.json"),
                    "cut at " + cut);
        }
    }

    @Test
    void columnsThatAreNotTheNetworks_areRefused() {
        NetworkSpec.Dense dense = new NetworkSpec.Dense(2);
        assertEquals(
                "there are columns; the network reads one column of features",
                assertThrows(IllegalArgumentException.class, () -> model(dense, COLUMNS, Scaling.NONE))
                        .getMessage());
        assertEquals(
                "the network reads columns, and there are none",
                assertThrows(IllegalArgumentException.class, () -> model(INPUT, null, Scaling.NONE))
                        .getMessage());
        NetworkSpec.Mixed unmasked = new NetworkSpec.Mixed(3, false, List.of(), 0, List.of());
        assertThrows(IllegalArgumentException.class, () -> model(unmasked, Columns.OF_FEATURES, Scaling.NONE));
    }
}
