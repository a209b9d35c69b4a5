package dev.unroll.cli.frame;

import dev.unroll.format.FormatException;
import dev.unroll.format.Location;
import dev.unroll.spark.source.CatalogTable;
import dev.unroll.spark.source.SourcePaths;
import dev.unroll.spark.source.TablePlaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.SparkSession;

/**
 * The paths that a command reads and writes, by their keys, compared before any work: no output is, holds or lies
 * within an input or another output. Each command says here which of its keys are paths, and this class alone compares
 * them: through symbolic links, links to nothing, {@code ..}, trailing slashes and URIs. A table is where its files are,
 * and is itself under whatever name; a view is the tables that it reads.
 */
public final class CommandPaths {

    private static final int MOST_LINKS = 40;

    /** What is done with a path. */
    private enum Use {
        READ,
        /** Read whole before anything is written. */
        READ_FIRST,
        /** The same, and what is read may be replaced: as a whole, by what is of its kind. */
        REPLACEABLE,
        /** Written, and an old one is replaced. */
        WRITTEN,
        /** A folder that files are added to: others may be in it. */
        ADDED_TO,
        /** The same, where old directories of the program's own are removed again: no rows may be in it. */
        RENEWED;

        boolean isOutput() {
            return this == WRITTEN || this == ADDED_TO || this == RENEWED;
        }

        boolean mayHold(Use other) {
            return this == ADDED_TO || (this == RENEWED && other != READ);
        }
    }

    private record Given(String key, Use use, String text, boolean isTable) {}

    /** A path with all links followed, on one file system; or a table's name. */
    private record Place(String fileSystem, Path path) {
        boolean holds(Place other) {
            return fileSystem.equals(other.fileSystem) && other.path.startsWith(path);
        }
    }

    private final Settings settings;
    private final List<Given> paths = new ArrayList<>();

    private CommandPaths(Settings settings) {
        this.settings = settings;
    }

    /** The paths of a command; all of them read its config file. */
    public static CommandPaths of(Settings settings) {
        return new CommandPaths(settings).readsFirst("config");
    }

    /** The keys of files and directories that are read; patterns of files too. */
    public CommandPaths reads(String... keys) {
        return add(Use.READ, keys);
    }

    /** The keys of rows that are read: files and directories, or tables where {@code format} says so. */
    public CommandPaths readsRows(String... keys) {
        return add(Use.READ, Source.isTable(settings), keys);
    }

    /** The keys of files and directories that are read whole before anything is written. */
    public CommandPaths readsFirst(String... keys) {
        return add(Use.READ_FIRST, keys);
    }

    /** The keys of directories that are read whole before they may be replaced. */
    public CommandPaths mayReplace(String... keys) {
        return add(Use.REPLACEABLE, keys);
    }

    /** The keys of files and directories that are written as a whole. */
    public CommandPaths writes(String... keys) {
        return add(Use.WRITTEN, keys);
    }

    /** The key of rows that are written: a directory, or a table where {@code output-format} says so. */
    public CommandPaths writesRows(String key) {
        return add(Use.WRITTEN, settings.require("output-format").equals(CatalogTable.FORMAT), key);
    }

    /** The keys of folders that get files of their own. */
    public CommandPaths addsTo(String... keys) {
        return add(Use.ADDED_TO, keys);
    }

    /** The keys of folders that get directories of their own, of which old ones are removed. */
    public CommandPaths renews(String... keys) {
        return add(Use.RENEWED, keys);
    }

    private CommandPaths add(Use use, String... keys) {
        return add(use, false, keys);
    }

    private CommandPaths add(Use use, boolean areTables, String... keys) {
        for (String key : keys) {
            settings.get(key)
                    .filter(text -> !text.isBlank())
                    .ifPresent(text -> paths.add(new Given(key, use, text, areTables)));
        }
        return this;
    }

    /**
     * Compares all of them.
     *
     * @param spark empty for a command without Spark, which has no tables
     * @throws UsageException if an output is, holds or lies within an input or another output
     */
    public void requireApart(Optional<SparkSession> spark) {
        if (paths.stream().noneMatch(given -> given.use.isOutput())) {
            return;
        }
        Configuration hadoop = spark.map(session -> session.sparkContext().hadoopConfiguration())
                .orElseGet(Configuration::new);
        List<Place> written = paths.stream()
                .filter(given -> given.use.isOutput())
                .flatMap(given -> places(given, spark, hadoop).stream())
                .toList();
        Map<Given, Set<Place>> places = new LinkedHashMap<>();
        paths.stream()
                .filter(given -> given.use.isOutput() || given.isTable || mayMeet(given, written, hadoop))
                .forEach(given -> places.put(given, places(given, spark, hadoop)));
        places.forEach((output, there) -> places.forEach((other, used) -> {
            if (!output.equals(other) && output.use.isOutput()) {
                requireApart(output, there, other, used);
            }
        }));
    }

    /**
     * Refuses outputs that would end with the session, for a command that ends it.
     *
     * @throws dev.unroll.data.InputException if a table would
     */
    public void requireLasting(SparkSession spark) {
        paths.stream()
                .filter(given -> given.isTable && given.use.isOutput())
                .forEach(given -> new CatalogTable(spark, given.text).requireLasting());
    }

    private static void requireApart(Given output, Set<Place> written, Given other, Set<Place> used) {
        for (Place here : written) {
            for (Place there : used) {
                boolean holds = here.holds(there);
                boolean lies = there.holds(here);
                if (holds && lies) {
                    // Whoever writes replaces nothing of another kind.
                    if (output.use != Use.WRITTEN || other.use != Use.REPLACEABLE) {
                        throw refused(output, "is the same as", other);
                    }
                } else if (holds && !output.use.mayHold(other.use)) {
                    throw refused(output, "holds", other);
                } else if (lies && !other.use.mayHold(output.use)) {
                    throw refused(output, "lies within", other);
                }
            }
        }
    }

    private static UsageException refused(Given output, String how, Given other) {
        return new UsageException(output.key + " " + FormatException.shown(output.text) + " " + how + " " + other.key
                + " " + FormatException.shown(other.text) + "; give a " + (output.isTable ? "table" : "path")
                + " apart from it");
    }

    /**
     * Whether an output may have to do with what is read. A pattern's files are looked for only if so: where there are
     * no links to elsewhere, all of them are below the names before its first pattern.
     */
    private static boolean mayMeet(Given given, List<Place> written, Configuration hadoop) {
        try {
            org.apache.hadoop.fs.Path around = SourcePaths.around(given.text);
            FileSystem files = around.getFileSystem(hadoop);
            org.apache.hadoop.fs.Path whole = files.makeQualified(around);
            if (whole.toUri().getScheme().equals("file")) {
                return true;
            }
            Place all = new Place(
                    files.getUri().toString(), Path.of(whole.toUri().getPath()).normalize());
            return written.stream().anyMatch(place -> place.holds(all) || all.holds(place));
        } catch (IOException | RuntimeException e) {
            return true;
        }
    }

    private static Set<Place> places(Given given, Optional<SparkSession> spark, Configuration hadoop) {
        if (!given.isTable) {
            return places(given.text, !given.use.isOutput(), hadoop);
        }
        CatalogTable table = new CatalogTable(spark.orElseThrow(), given.text);
        return places(given.use.isOutput() ? table.places() : table.sources(), hadoop);
    }

    /** Tables by their names, and where their files are. */
    private static Set<Place> places(TablePlaces tables, Configuration hadoop) {
        Set<Place> places = new LinkedHashSet<>();
        tables.names().forEach(name -> places.add(new Place("table", Path.of(name))));
        tables.locations().forEach(location -> places.addAll(places(location, false, hadoop)));
        return places;
    }

    /** Where it is, and what it refers to where it is a link; several for a pattern. None where nobody knows. */
    private static Set<Place> places(String text, boolean mayBePattern, Configuration hadoop) {
        Set<Place> places = new LinkedHashSet<>();
        try {
            List<org.apache.hadoop.fs.Path> exact = List.of(Location.path(text));
            List<org.apache.hadoop.fs.Path> found = mayBePattern
                    ? SourcePaths.matching(text, hadoop).stream()
                            .map(FileStatus::getPath)
                            .toList()
                    : exact;
            for (org.apache.hadoop.fs.Path path : found.isEmpty() ? exact : found) {
                FileSystem files = path.getFileSystem(hadoop);
                org.apache.hadoop.fs.Path whole = files.makeQualified(path);
                Path plain = Path.of(whole.toUri().getPath());
                if (!whole.toUri().getScheme().equals("file")) {
                    places.add(new Place(files.getUri().toString(), plain.normalize()));
                    continue;
                }
                places.add(new Place("file", real(plain)));
                if (plain.getParent() != null) {
                    places.add(new Place(
                            "file",
                            real(plain.getParent()).resolve(plain.getFileName()).normalize()));
                }
            }
        } catch (IOException | RuntimeException e) {
            // What cannot be looked at is refused by whoever reads or writes it, who knows what it should be.
            return places;
        }
        return places;
    }

    /** The path with every link followed, whether something is there or not. */
    private static Path real(Path path) throws IOException {
        Deque<Path> names = new ArrayDeque<>();
        path.toAbsolutePath().forEach(names::add);
        Path real = path.toAbsolutePath().getRoot();
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.poll().toString();
            Path next = real.resolve(name);
            if (name.equals("..")) {
                real = real.getParent() == null ? real : real.getParent();
            } else if (Files.isSymbolicLink(next) && links++ < MOST_LINKS) {
                Path target = Files.readSymbolicLink(next);
                List<Path> parts = new ArrayList<>();
                target.forEach(parts::add);
                for (int i = parts.size() - 1; i >= 0; i--) {
                    names.push(parts.get(i));
                }
                real = target.isAbsolute() ? target.getRoot() : real;
            } else if (!name.isEmpty() && !name.equals(".")) {
                real = next;
            }
        }
        return real;
    }
}
