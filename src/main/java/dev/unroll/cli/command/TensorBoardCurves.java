package dev.unroll.cli.command;

import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.export.TensorBoardWriter;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.Phases;
import dev.unroll.worker.GradientFlow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The numbers of each iteration as TensorBoard's scalars, in a local folder. */
final class TensorBoardCurves implements IterationListener, AutoCloseable {

    private static final String EVENTS = "tfevents"; // what TensorBoard looks for in a name
    private static final Pattern OWN = Pattern.compile("events\\.out\\." + EVENTS + "\\.([0-9]{10})\\.unroll");

    private final Path folder;
    private final boolean resumes;
    private TensorBoardWriter writer; // null until the first iteration: a run that never starts leaves nothing

    /**
     * @param resumes whether the curves of the resumed run are kept; TensorBoard shows them up to where it resumes
     * @throws UsageException if the folder has curves already (and they may not be replaced), or is none
     */
    TensorBoardCurves(String folder, boolean overwrite, boolean resumes) {
        this.folder = OutputFile.localPath("tensorboard", folder);
        this.resumes = resumes;
        OutputFile.requireNoLinkToNothing("tensorboard", this.folder);
        if (Files.exists(this.folder) && !Files.isDirectory(this.folder)) {
            throw new UsageException("tensorboard " + folder + " is a file; give a folder");
        }
        OutputFile.requireRoom("tensorboard", this.folder, OutputFile.nearestDirectory(this.folder.toAbsolutePath()));
        List<Path> earlier = earlier();
        if (!overwrite && !resumes && !earlier.isEmpty()) {
            throw new UsageException("tensorboard " + folder
                    + " has the curves of another run already; give another folder or overwrite true");
        }
        for (Path file : earlier) {
            number(file);
        }
    }

    /**
     * The number in the name of a file of ours.
     *
     * @throws UsageException if it is another program's
     */
    private long number(Path file) {
        Matcher own = OWN.matcher(file.getFileName().toString());
        if (!own.matches()) {
            throw new UsageException("tensorboard " + folder + " has curves of another program, " + file.getFileName()
                    + "; give another folder");
        }
        return Long.parseLong(own.group(1));
    }

    private List<Path> earlier() {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().contains(EVENTS))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UsageException("cannot read tensorboard " + folder + ": " + e);
        }
    }

    @Override
    public void onIteration(IterationReport report) {
        try {
            if (writer == null) {
                writer = open(report.iteration());
            }
            writer.write(report.iteration(), scalars(report));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write tensorboard " + folder, e);
        }
    }

    private TensorBoardWriter open(long iteration) throws IOException {
        Files.createDirectories(folder);
        List<Path> earlier = earlier();
        if (!resumes) {
            for (Path file : earlier) {
                Files.delete(file);
            }
        }
        // TensorBoard reads the files of a folder in the order of their names.
        long number = !resumes || earlier.isEmpty() ? 0 : 1 + number(earlier.get(earlier.size() - 1));
        Path file = folder.resolve(String.format(Locale.ROOT, "events.out.%s.%010d.unroll", EVENTS, number));
        return TensorBoardWriter.open(file, iteration);
    }

    private static Map<String, Double> scalars(IterationReport r) {
        Map<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("training/loss", r.loss());
        scalars.put("training/accuracy", r.accuracy());
        r.validation().ifPresent(metrics -> metrics.forEach((name, value) -> scalars.put("validation/" + name, value)));
        scalars.put("gradient/norm", r.gradientNorm());
        r.gradientFlow().ifPresent(flow -> scalars.put("gradient/reach", (double) flow.reach(GradientFlow.SMALL)));
        r.gradientNoise()
                .filter(noise -> Double.isFinite(noise.scale()))
                .ifPresent(noise -> scalars.put("gradient/noiseScale", noise.scale()));
        scalars.put("optimizer/stepSize", r.stepSize());
        Phases.ALL.forEach(phase -> scalars.put("time/" + phase.key(), phase.ms(r.phases())));
        scalars.put("time/balance", r.balance());
        return scalars;
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }
}
