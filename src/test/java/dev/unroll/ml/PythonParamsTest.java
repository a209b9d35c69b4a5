package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.junit.jupiter.api.Test;

/**
 * Makes the Params of the Python package from those of the stages: {@code mvn test -Dtest=PythonParamsTest -Dpython.update=true} writes
 * them.
 */
class PythonParamsTest {

    private static final Path MODULE = Path.of("src/main/python/unroll/_params.py");

    @Test
    void module_hasEveryParam() throws IOException {
        Map<String, Params> stages = new LinkedHashMap<>();
        stages.put("RnnParams", new RnnClassifier());
        stages.put("SequenceAssemblerParams", new SequenceAssembler());
        stages.put("SlidingWindowsParams", new SlidingWindows());
        stages.put("RnnModelParams", new RnnClassifierModel());
        stages.put("KeyedTrainingParams", new KeyedTraining());
        stages.put("KeyedPredictionsParams", new KeyedPredictions());
        StringBuilder module = new StringBuilder(
                "\"\"\"Made by PythonParamsTest from the Params of the stages, not to be edited: submit/regenerate\"\"\"\n\n"
                        + "from __future__ import annotations\n\n"
                        + "from typing import TYPE_CHECKING, List\n\n"
                        + "from pyspark.ml.param import Param, Params, TypeConverters\n\n"
                        + "if TYPE_CHECKING:\n    from typing_extensions import Self\n");
        stages.forEach((name, stage) -> append(module, name, stage));
        if (Boolean.getBoolean("python.update")) {
            Files.writeString(MODULE, module);
        }
        assertEquals(
                Files.readString(MODULE), module.toString(), MODULE + " is not up to date; see this test's comment");
    }

    private static void append(StringBuilder module, String name, Params stage) {
        module.append("\n\nclass ").append(name).append("(Params):\n    \"\"\"\n");
        for (ParamDocs.Key key : ParamDocs.of(stage).values()) {
            boolean hasDefault = stage.getDefault(key.param()).isDefined();
            module.append(String.format(
                    "    :param %s: %s%s%s%n",
                    key.param().name(),
                    text(key.doc()),
                    hasDefault ? "; default " + text(inDocs(key)) : "",
                    allowed(key)));
        }
        module.append("    \"\"\"\n\n");
        StringBuilder defaults = new StringBuilder();
        StringBuilder methods = new StringBuilder();
        for (ParamDocs.Key key : ParamDocs.of(stage).values()) {
            String param = key.param().name();
            String others = key.otherDefaults().isEmpty() ? "" : "; default " + key.effectiveDefault();
            String doc = quoted(key.doc() + others + allowed(key));
            String converter =
                    switch (key.type()) {
                        case "integer" -> "toInt";
                        case "number" -> "toFloat";
                        case "boolean" -> "toBoolean";
                        case "list" -> "toList" + element(key.param(), "Int", "Float", "String");
                        default -> "toString";
                    };
            String hint =
                    switch (key.type()) {
                        case "integer" -> "int";
                        case "number" -> "float";
                        case "boolean" -> "bool";
                        case "list" -> "List[" + element(key.param(), "int", "float", "str") + "]";
                        default -> "str";
                    };
            module.append(String.format(
                    "    %s = Param(Params._dummy(), \"%s\", %s, typeConverter=TypeConverters.%s)%n",
                    param, param, doc, converter));
            if (stage.getDefault(key.param()).isDefined()) {
                defaults.append(String.format("            %s=%s,%n", param, python(key)));
            }
            String setter = "set" + Character.toUpperCase(param.charAt(0)) + param.substring(1);
            methods.append(String.format(
                    "%n    def %s(self, value: %s) -> Self:%n        \"\"\"%s\"\"\"%n        return self._set(%s=value)%n",
                    setter, hint, text(key.doc()), param));
        }
        module.append("\n    def _set_defaults(self) -> None:\n        self._setDefault(\n")
                .append(defaults)
                .append("        )\n")
                .append(methods);
    }

    private static String allowed(ParamDocs.Key key) {
        return key.allowed().isEmpty() ? "" : "; allowed: " + key.allowed();
    }

    /** What holds where the Param is not set, as Python writes it. */
    private static String inDocs(ParamDocs.Key key) {
        return key.otherDefaults().isEmpty() ? python(key) : python(key) + ", or " + key.otherDefaults();
    }

    /** As a docstring has it. */
    private static String text(String doc) {
        return doc.replace("\"", "'").replace("\\", "\\\\");
    }

    private static String element(Param<?> param, String whole, String number, String text) {
        return param instanceof IntArrayParam ? whole : param instanceof DoubleArrayParam ? number : text;
    }

    private static String python(ParamDocs.Key key) {
        return switch (key.type()) {
            case "integer" -> key.defaultText();
            case "number" -> key.defaultText();
            case "boolean" -> key.defaultText().equals("true") ? "True" : "False";
            case "list" -> key.defaultText().isEmpty() ? "[]" : "[" + key.defaultText() + "]";
            default -> quoted(key.defaultText());
        };
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
