package dev.unroll.model;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.unroll.format.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Any bytes are a spec.json, which is written and read again to the same, or refused. */
class SpecFuzzTest {

    @FuzzTest
    void spec(byte[] bytes) throws IOException {
        SpecJson spec;
        try {
            spec = SpecJson.read(new ByteArrayInputStream(bytes), bytes.length, "spec.json");
        } catch (FormatException refused) {
            return;
        }
        byte[] once = written(spec);
        byte[] again = written(SpecJson.read(new ByteArrayInputStream(once), once.length, "spec.json"));
        if (!java.util.Arrays.equals(once, again)) {
            throw new AssertionError("a spec changes when it is written and read");
        }
    }

    private static byte[] written(SpecJson spec) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SpecJson.write(out, spec);
        return out.toByteArray();
    }
}
