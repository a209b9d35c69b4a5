package dev.unroll.train;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
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
 */
record LockOwner(String id, String host, String machine, long pid, long start) {

    private static final long SAME_START = 2000; // milliseconds; the JDK computes it from the clock's ticks

    /** A new run in this process. */
    static LockOwner here() {
        ProcessHandle process = ProcessHandle.current();
        String machine = text("/proc/sys/kernel/random/boot_id") + link("/proc/self/ns/pid");
        return new LockOwner(UUID.randomUUID().toString(), hostName(), machine, process.pid(), start(process));
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

    private static String text(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return ""; // not Linux
        }
    }

    private static String link(String file) {
        try {
            return Files.readSymbolicLink(Path.of(file)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return ""; // not Linux
        }
    }

    /** Whether the process of this owner is gone, as far as another on the same machine can tell. */
    boolean isGone(LockOwner seenFrom) {
        if (!host.equals(seenFrom.host) || !machine.equals(seenFrom.machine)) {
            return false;
        }
        return ProcessHandle.of(pid)
                .filter(process -> process.isAlive() && !isZombie() && Math.abs(start(process) - start) < SAME_START)
                .isEmpty();
    }

    /** Killed, and not yet waited for by its parent. */
    private boolean isZombie() {
        return text("/proc/" + pid + "/stat").matches("(?s).*\\) Z .*");
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
            json.writeEndObject();
        }
    }

    static LockOwner read(InputStream in, String file) throws IOException {
        StrictJson json = new StrictJson(in, file);
        Map<String, String> texts = new HashMap<>();
        Map<String, Long> numbers = new HashMap<>();
        json.object(List.of("id", "host", "machine", "pid", "start"), field -> {
            if (field.equals("pid") || field.equals("start")) {
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
                texts.get("id"), texts.get("host"), texts.get("machine"), numbers.get("pid"), numbers.get("start"));
    }

    @Override
    public String toString() {
        return "process " + pid + " on " + host + ", started "
                + Instant.ofEpochMilli(start).truncatedTo(ChronoUnit.SECONDS);
    }
}
