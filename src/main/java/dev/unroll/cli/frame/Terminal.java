package dev.unroll.cli.frame;

import dev.unroll.data.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** A person's screen, which obeys some characters instead of showing them. */
public final class Terminal {

    private static final Path OUTPUT = Path.of("/proc/self/fd/1");

    private Terminal() {}

    /** Whether standard output is one; a console also needs an input, so on Linux the output itself is asked. */
    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on it is true of files as well: rather escaped than obeyed
    public static boolean isOutput() {
        try {
            String target = Files.readSymbolicLink(OUTPUT).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null; // not Linux
        }
    }

    /** Text of a model as a screen may have it: its lines and tabs, and everything else that is not seen escaped. */
    public static String printable(String text) {
        return text.codePoints()
                .mapToObj(c -> c == '\n' || c == '\t' ? Character.toString(c) : Printable.of(Character.toString(c)))
                .collect(Collectors.joining());
    }
}
