package dev.unroll.cli.command;

import dev.unroll.cli.frame.Json;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.Phases;
import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.GradientTerms;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** One JSON object per iteration, one a line, in a local file. */
final class MetricsFile implements IterationListener, AutoCloseable {

    private static final Pattern ITERATION = Pattern.compile("^\\{\"iteration\":([0-9]+),.*}$");

    private static final Pattern OWN = Pattern.compile("\\{\"iteration\":[0-9]+,");

    private final Path path;
    private final boolean resumes;
    private final boolean overwrite;
    private BufferedWriter writer; // null until the first iteration: a run that never starts leaves no file

    /**
     * @param resumes whether lines of the resumed run are kept, up to the iteration that it resumes from
     * @throws UsageException if the file exists (and may not be overwritten) or cannot be written
     */
    MetricsFile(String file, boolean overwrite, boolean resumes) {
        OutputFile output = OutputFile.of("metrics", file, OWN);
        path = output.path();
        this.resumes = resumes;
        this.overwrite = overwrite;
        output.requireWritable(overwrite || resumes);
    }

    @Override
    public void onIteration(IterationReport r) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("iteration", r.iteration());
        line.put("epoch", r.epoch());
        line.put("loss", r.loss());
        line.put("accuracy", r.accuracy());
        line.put("gradientNorm", r.gradientNorm());
        line.put("stepSize", r.stepSize());
        line.put("sequences", r.sequences());
        line.put("steps", r.steps());
        line.put("passes", r.passes());
        Phases.ALL.forEach(phase -> line.put(phase.key(), phase.ms(r.phases())));
        line.put("balance", r.balance());
        if (r.jobs().jobs() > 0) {
            line.put("updatesPerJob", r.jobs().updatesPerJob());
            line.put("fallbacks", r.jobs().fallbacks());
        }
        r.validation().ifPresent(metrics -> line.put("validation", metrics));
        r.gradientFlow().ifPresent(flow -> line.put("gradientFlow", flow(flow, r.isSampled())));
        r.gradientTerms().ifPresent(terms -> {
            line.put("carriedShare", byLayer(terms, terms::carriedShare));
            line.put("saturation", byLayer(terms, terms::saturation));
        });
        r.gradientNoise().ifPresent(noise -> {
            line.put("noiseTrace", noise.trace());
            line.put("noiseSquare", noise.square());
        });
        line.put("parameterHash", r.parameterHash().get());
        try {
            if (writer == null) {
                Files.createDirectories(path.toAbsolutePath().resolveSibling(""));
                if (resumes && Files.isRegularFile(path)) {
                    keepUntil(r.iteration());
                } else if (Files.isSymbolicLink(path) && Files.isRegularFile(path)) {
                    Files.delete(path); // the link: what it refers to stays as it was
                }
                writer = Files.newBufferedWriter(
                        path,
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        resumes ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
            }
            writer.write(Json.line(line));
            writer.newLine();
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the metrics file", e);
        }
    }

    /**
     * Keeps the lines of earlier iterations; a killed run leaves lines of later iterations, and perhaps half a line.
     *
     * @throws UsageException if there are other lines, or training begins anew and the file may not be overwritten; it
     *     is left as it is
     */
    private void keepUntil(long iteration) throws IOException {
        if (iteration == 1 && !overwrite) {
            throw new UsageException("metrics " + path + " exists already, and there is no checkpoint to go on from;"
                    + " give another file or overwrite true");
        }
        List<String> lines = Files.readAllLines(path, StandardCharsets.UTF_8);
        List<String> kept = new ArrayList<>();
        for (int n = 0; n < lines.size(); n++) {
            Matcher number = ITERATION.matcher(lines.get(n));
            boolean found = number.find();
            if (!found && n < lines.size() - 1) {
                throw new UsageException("metrics " + path + ", line " + (n + 1) + " is no line of a metrics file");
            }
            if (found && Long.parseLong(number.group(1)) < iteration) {
                kept.add(lines.get(n));
            }
        }
        Path draft = path.resolveSibling(path.getFileName() + ".resumed");
        Files.write(draft, kept, StandardCharsets.UTF_8);
        Files.move(draft, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The lag at which the gradient falls under 1 %; and on sampled iterations the norms by layer and bin of lags. */
    private static Map<String, Object> flow(GradientFlow flow, boolean whole) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reach", flow.reach(GradientFlow.SMALL));
        json.put("lags", flow.lags());
        if (whole) {
            int[] firstLags = new int[flow.bins()];
            double[][] norms = new double[flow.layers()][flow.bins()];
            for (int bin = 0; bin < firstLags.length; bin++) {
                firstLags[bin] = GradientFlow.firstLag(bin);
                for (int layer = 0; layer < norms.length; layer++) {
                    norms[layer][bin] = flow.norm(layer, bin);
                }
            }
            json.put("firstLags", firstLags);
            json.put("norms", norms);
        }
        return json;
    }

    /** Null where there is nothing to divide by. */
    private static Double[] byLayer(GradientTerms terms, IntToDoubleFunction share) {
        return IntStream.range(0, terms.layers())
                .mapToDouble(share)
                .mapToObj(x -> Double.isNaN(x) ? null : x)
                .toArray(Double[]::new);
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }
}
