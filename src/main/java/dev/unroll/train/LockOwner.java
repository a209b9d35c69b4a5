package dev.unroll.train;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The run that has a {@link CheckpointLock}.
 *
 * @param id of this run alone
 * @param machine what tells whether two processes see each other's numbers: the boot and the namespace of processes on
 *     Linux; elsewhere empty, and the host has to do
 * @param pid of its process
 * @param start when that process started, in milliseconds, since numbers of processes are used again
 * @param ticks the same in ticks from the boot on, which a clock that is set does not move; 0 where it is not Linux
 */
record LockOwner(String id, String host, String machine, long pid, long start, long ticks) {

    private static final long SAME_START = 2000; // milliseconds
    private static final Path PROC = Path.of("/proc");
    // Fields 3 and 22 of a process's stat, counted from the third on.
    private static final int STATE = 0;
    private static final int STARTED = 19;

    /** A new run in this process. */
    static LockOwner here() {
        ProcessHandle process = ProcessHandle.current();
        return new LockOwner(
                UUID.randomUUID().toString(), hostName(), thisMachine(), process.pid(), start(process), startTicks());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // a machine without a name for its own address
        }
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String thisMachine() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip()
                    + Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
        } catch (IOException | UnsupportedOperationException e) {
            return ""; // not Linux
        }
    }

    /** Whether it is certain, as seen from another on the same machine, that the process of this owner is gone. */
    boolean isGone(LockOwner seenFrom) {
        if (!host.equals(seenFrom.host) || !machine.equals(seenFrom.machine)) {
            return false;
        }
        if (ticks > 0) {
            return isGone(PROC);
        }
        return ProcessHandle.of(pid)
                .filter(process -> process.isAlive() && Math.abs(start(process) - start) < SAME_START)
                .isEmpty();
    }

    /** The same on Linux. A process that is there and cannot be read is not gone. */
    boolean isGone(Path proc) {
        try {
            List<String> stat = stat(proc, Long.toString(pid));
            // A zombie was killed, and its parent has not yet waited for it.
            return stat.get(STATE).matches("[ZX]") || Long.parseLong(stat.get(STARTED)) != ticks;
        } catch (NoSuchFileException e) {
            return Files.exists(proc.resolve("1")); // hidden too where each user sees only his own processes
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** The fields of a process's stat after its name, which may hold blanks and brackets. */
    private static List<String> stat(Path proc, String process) throws IOException {
        String text = Files.readString(proc.resolve(process).resolve("stat"), StandardCharsets.ISO_8859_1);
        return List.of(text.substring(text.lastIndexOf(')') + 1).strip().split(" "));
    }

    private static long startTicks() {
        try {
            return Long.parseLong(stat(PROC, "self").get(STARTED));
        } catch (IOException | RuntimeException e) {
            return 0; // not Linux
        }
    }

    void write(OutputStream out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("id", id);
            json.writeStringField("host", host);
            json.writeStringField("machine", machine);
            json.writeNumberField("pid", pid);
            json.writeNumberField("start", start);
            json.writeNumberField("ticks", ticks);
            json.writeEndObject();
        }
    }

    static LockOwner read(InputStream in, String file) throws IOException {
        StrictJson json = new StrictJson(in, file);
        Map<String, String> texts = new HashMap<>();
        Map<String, Long> numbers = new HashMap<>();
        json.object(List.of("id", "host", "machine", "pid", "start", "ticks"), field -> {
            if (List.of("pid", "start", "ticks").contains(field)) {
                numbers.put(field, json.integer(0, Long.MAX_VALUE));
            } else {
                texts.put(field, json.text());
            }
            if (field.equals("id") && !texts.get(field).matches("[A-Za-z0-9-]{1,64}")) {
                throw json.error("is no name of a run");
            }
        });
        json.end();
        return new LockOwner(
                texts.get("id"),
                texts.get("host"),
                texts.get("machine"),
                numbers.get("pid"),
                numbers.get("start"),
                numbers.get("ticks"));
    }

    @Override
    public String toString() {
        return "process " + pid + " on " + host + ", started "
                + Instant.ofEpochMilli(start).truncatedTo(ChronoUnit.SECONDS);
    }
}
